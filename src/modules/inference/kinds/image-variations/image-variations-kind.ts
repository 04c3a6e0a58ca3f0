import type { InferenceKind } from '../../call/inference-kind.js';
import { imageFormDraft } from '../forms/image-form-draft.js';
import { moderationCall } from '../moderations/moderation-call.js';

/** `POST /images/variations`: images like another one; never streamed. */
export const imageVariationsKind: InferenceKind = {
  routeId: 'images.vary',
  modality: 'image',
  isDialogue: false,
  moderation: moderationCall,
  draft: (request, endpoints) =>
    imageFormDraft(imageVariationsKind, request, endpoints, { path: 'image_variations', mayStream: false }),
};
