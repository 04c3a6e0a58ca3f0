import type { InferenceKind } from '../../call/inference-kind.js';
import { invalid } from '../../call/request-body.js';
import { SingleRequest } from '../single/single-request.js';
import { ModerationsAnswer } from './moderations-answer.js';

/** `POST /moderations`: a text, a list of texts, or a list of parts with images; never streamed. */
export const moderationsKind: InferenceKind = {
  routeId: 'moderations.create',
  modality: 'moderate',
  isDialogue: false,
  moderation: null,
  draft(request, endpoints) {
    const single = new SingleRequest(moderationsKind, request, endpoints, ['input']);
    const input = single.member('input');
    if (input?.kind !== 'string' && input?.kind !== 'array') throw invalid('input', 'expected a string or an array');
    const { target, publishedName } = single.chosen;
    return single.draft({ path: target.paths.moderations, answer: new ModerationsAnswer(publishedName) });
  },
};
