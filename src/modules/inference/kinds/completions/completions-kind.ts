import type { InferenceKind } from '../../call/inference-kind.js';
import { CompletionsDraft } from './completions-draft.js';

/** `POST /completions`, the legacy form. */
export const completionsKind: InferenceKind = {
  routeId: 'completions.create',
  modality: 'chat',
  isDialogue: false,
  draft: (request, endpoints) => new CompletionsDraft(completionsKind, request, endpoints),
};
