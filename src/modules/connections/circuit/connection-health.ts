import type { BreakerState } from './breaker.js';
import type { CallSums } from './recent-calls.js';

/** How a connection fares: in one process, or in all of them together. */
export interface ConnectionHealth extends CallSums {
  readonly state: BreakerState;
  /** When an open breaker lets a call try, in milliseconds; null when it is not open. */
  readonly retryAtMs: number | null;
}

export const unused: ConnectionHealth = { state: 'closed', retryAtMs: null, calls: 0, failures: 0, lastFailure: null };

const severity: Readonly<Record<BreakerState, number>> = { closed: 0, half_open: 1, open: 2 };

/** How a connection fares in several processes: the worst state, all calls, the latest failure. */
export function healthOfAll(each: readonly ConnectionHealth[]): ConnectionHealth {
  return each.reduce(
    (one, other) => ({
      state: severity[other.state] > severity[one.state] ? other.state : one.state,
      retryAtMs: latest(one.retryAtMs, other.retryAtMs),
      calls: one.calls + other.calls,
      failures: one.failures + other.failures,
      lastFailure: (other.lastFailure?.atMs ?? -1) > (one.lastFailure?.atMs ?? -1) ? other.lastFailure : one.lastFailure,
    }),
    unused,
  );
}

function latest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.max(one, other);
}
