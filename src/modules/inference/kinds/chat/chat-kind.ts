import type { InferenceKind } from '../../call/inference-kind.js';
import { ChatDraft } from './chat-draft.js';

/** `POST /chat/completions`. */
export const chatKind: InferenceKind = {
  routeId: 'chat.completions.create',
  modality: 'chat',
  isDialogue: true,
  draft: (request, endpoints, seals) => new ChatDraft(chatKind, request, endpoints, seals),
};
