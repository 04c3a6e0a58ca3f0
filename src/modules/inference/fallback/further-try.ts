import type { CallDraft } from '../call/call-plan.js';
import type { InferenceRequest } from '../call/inference-request.js';
import type { ReplySink } from '../call/reply-sink.js';
import { FallbackReply } from './fallback-reply.js';

/** Tells which of the agent's models has answered: 0 is the first choice. */
const servedByHeader = 'x-gt-served-by';

/**
 * True where another try may follow this one: the agent has a further model for what is asked, and the caller has named none
 * in its place. A form is sent once: what has gone out of it is not kept.
 */
export function mayBeTriedAgain(draft: CallDraft, { form, tryPlace = 0 }: InferenceRequest): boolean {
  const further = draft.endpoint.fallbacks.get(draft.kind.modality);
  return form === undefined && isAgents(draft) && further?.[tryPlace] !== undefined;
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
  const { tryPlace = 0 } = request;
  const reply = mayBeTriedAgain(draft, request)
    ? new FallbackReply(sink, () => again({ ...request, tryPlace: tryPlace + 1 }))
    : sink;
  if (draft.endpoint.fallbacks.has(draft.kind.modality) && isAgents(draft)) reply.setHeader(servedByHeader, String(tryPlace));
  return reply;
}

function isAgents({ endpoint, target, kind }: CallDraft): boolean {
  const own = endpoint.targets.get(kind.modality);
  return own === target;
}
