import type { InferenceKind } from '../../call/inference-kind.js';
import { ChatDraft } from './chat-draft.js';
import { moderationCall } from '../moderations/moderation-call.js';

/** `POST /chat/completions`. */
export const chatKind: InferenceKind = {
  routeId: 'chat.completions.create',
  modality: 'chat',
  isDialogue: true,
  moderation: moderationCall,
  draft: (request, endpoints, seals) => new ChatDraft(chatKind, request, endpoints, seals),
};
