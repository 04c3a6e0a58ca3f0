import type { UpstreamFailureKind } from '../../../platform/upstream/upstream-call.js';

/** What the end of a call says of its connection. */
export interface CallOutcome {
  /** Whether the provider is there. `unknown`: the call does not tell, e.g. because its client has left. */
  readonly provider: 'alive' | 'down' | 'unknown';
  /** A short code of what went wrong at the provider; null when nothing did. */
  readonly failure: string | null;
}

/** The provider has answered; what it says of a wrong request is the caller's matter, and so is that there are too many. */
export const answered: CallOutcome = { provider: 'alive', failure: null };

/** The call ended before its provider had answered, for a reason of the platform's or the client's. */
export const leftEarly: CallOutcome = { provider: 'unknown', failure: null };

/** The connection's login gave no token: the provider was not asked. */
export const notSignedIn: CallOutcome = { provider: 'unknown', failure: 'sign_in' };

/** The provider has answered with something that is no answer. */
export const wronglyAnswered: CallOutcome = { provider: 'alive', failure: 'wrong_answer' };

/** The answer broke off. */
export const brokenOff: CallOutcome = { provider: 'down', failure: 'broken' };

/** 529 is what Anthropic says when it is overloaded. */
const downStatuses: ReadonlySet<number> = new Set([500, 502, 503, 504, 529]);

/** An answer that is no success. @param isCallers the caller is told what the provider says. */
export function refusedWith(status: number, isCallers: boolean): CallOutcome {
  if (downStatuses.has(status)) return { provider: 'down', failure: `status_${status}` };
  return isCallers ? answered : { provider: 'alive', failure: `status_${status}` };
}

/** A call that got no whole answer. */
export function failedBy(kind: UpstreamFailureKind): CallOutcome {
  if (kind === 'busy') return leftEarly;
  if (kind === 'broken') return brokenOff;
  return { provider: 'down', failure: kind === 'refused' ? 'unreachable' : 'timeout' };
}
