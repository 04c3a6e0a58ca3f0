import type { InferenceKind } from '../../call/inference-kind.js';
import { CompletionsDraft } from './completions-draft.js';
import { moderationCall } from '../moderations/moderation-call.js';

/** `POST /completions`, the legacy form. */
export const completionsKind: InferenceKind = {
  routeId: 'completions.create',
  modality: 'chat',
  isDialogue: false,
  moderation: moderationCall,
  draft: (request, endpoints) => new CompletionsDraft(completionsKind, request, endpoints),
};
