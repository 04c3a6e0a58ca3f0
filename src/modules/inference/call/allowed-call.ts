import type { AllowedCall } from '../../open-streams/open-streams.js';
import type { InferenceRequest } from './inference-request.js';
import type { KindFacts } from './kind-facts.js';

/** What the guard has decided of a request, so that it can be decided again. */
export function allowedCall({ routeId }: KindFacts, { identity, ip, startedAt }: InferenceRequest): AllowedCall {
  return { identity, routeId, ip, startedAt };
}
