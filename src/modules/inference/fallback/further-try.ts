import { choiceFrom } from '../../agents/published-endpoint.js';
import type { CallDraft } from '../call/call-plan.js';
import { isHandedOn } from '../call/handed-on.js';
import type { InferenceRequest } from '../call/inference-request.js';
import type { ReplySink } from '../call/reply-sink.js';
import { FallbackReply } from './fallback-reply.js';

/** Tells which of the agent's models has answered: 0 is the first choice. */
const servedByHeader = 'x-gt-served-by';

/**
 * True where another try may follow this one: the agent has a further model for what is asked, and the caller has named none
 * in its place. A form is sent once: what has gone out of it is not kept.
 */
export function mayBeTriedAgain(draft: CallDraft, request: InferenceRequest): boolean {
  return isRepeatable(request) && placeAfter(draft) !== undefined;
}

/**
 * The sink of this try; the given one where no other may follow.
 * @param again makes a further try.
 */
export function sinkOfTry(
  draft: CallDraft,
  request: InferenceRequest,
  sink: ReplySink,
  again: (request: InferenceRequest) => void,
): ReplySink {
  const place = placeOf(draft);
  if (place === undefined) return sink;
  const tryPlace = isRepeatable(request) ? placeAfter(draft) : undefined;
  const reply = tryPlace === undefined ? sink : new FallbackReply(sink, () => again({ ...request, tryPlace }));
  // A response that waits for a worker is served by nobody yet.
  if (draft.background === undefined) reply.setHeader(servedByHeader, String(place));
  return reply;
}

/** A call in a batch of its provider is made by that provider or not at all. */
function isRepeatable(request: InferenceRequest): boolean {
  return request.form === undefined && !isHandedOn(request);
}

/** The place of what is asked among the agent's choices; undefined where it has but one, or the caller has named another. */
function placeOf({ endpoint, target, kind }: CallDraft): number | undefined {
  const place = endpoint.choices.get(kind.modality)?.indexOf(target) ?? -1;
  return place === -1 ? undefined : place;
}

/** The place that is asked when this one fails; undefined where there is none. */
function placeAfter(draft: CallDraft): number | undefined {
  const place = placeOf(draft);
  const choices = draft.endpoint.choices.get(draft.kind.modality);
  if (place === undefined || choices === undefined) return undefined;
  const next = choiceFrom(choices, place + 1);
  return next === undefined ? undefined : choices.indexOf(next);
}
