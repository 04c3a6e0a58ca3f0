import type { InferenceKind } from '../../call/inference-kind.js';
import { ResponsesDraft } from './responses-draft.js';
import { moderationCall } from '../moderations/moderation-call.js';

/** `POST /responses`. */
export const responsesKind: InferenceKind = {
  routeId: 'responses.create',
  modality: 'chat',
  isDialogue: true,
  moderation: moderationCall,
  draft: (request, endpoints, seals) =>
    new ResponsesDraft(responsesKind, request, endpoints, seals, { needsInput: true, inBackground: true }),
};
