import type { CallPlan } from '../call/call-plan.js';

/**
 * The fixed list of headers that go to a provider (contract section 6), without what signs in. Nothing of the caller's is
 * passed on but its place in a trace.
 * @param trace names and values of headers in turn; undefined for a call that is in no trace.
 */
export function upstreamHeaders(plan: CallPlan, requestId: string, trace: readonly string[] | undefined): string[] {
  const headers = [
    'content-type',
    plan.contentType,
    'accept',
    acceptedTypes(plan),
    'accept-encoding',
    'identity',
    'user-agent',
    'gt-api',
    'x-request-id',
    requestId,
  ];
  const { wireHeaders, staticHeaders } = plan.target.connection;
  headers.push(...wireHeaders, ...staticHeaders);
  if (trace !== undefined) headers.push(...trace);
  return headers;
}

/** What the provider is asked for: events, JSON, what the answer itself names, or anything while that is open. */
function acceptedTypes({ streamed, answer, decidedLater }: CallPlan): string {
  if (decidedLater !== undefined) return '*/*';
  if (streamed !== undefined) return 'text/event-stream';
  if (answer.shape === 'bytes') return answer.accept;
  return answer.inEvents === true ? 'text/event-stream' : 'application/json';
}
