import type { InferenceKind } from '../../call/inference-kind.js';
import { imageFormDraft } from '../forms/image-form-draft.js';
import { moderationCall } from '../moderations/moderation-call.js';

/** `POST /images/edits`: images made of one or several others and words, with a mask if need be; in events with `stream: true`. */
export const imageEditsKind: InferenceKind = {
  routeId: 'images.edit',
  modality: 'image',
  isDialogue: false,
  moderation: moderationCall,
  draft: (request, endpoints) => imageFormDraft(imageEditsKind, request, endpoints, { path: 'image_edits', mayStream: true }),
};
