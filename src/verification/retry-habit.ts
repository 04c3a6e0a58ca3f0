import type { ClientHabits } from '../catalog/runbooks/client-habits.js';
import type { Exchange } from './exchange.js';

const firstWaitMs = 500;
/** Clients wait no longer than this by themselves, and are not kept waiting longer here. */
const longestWaitMs = 8_000;

/**
 * How long a client waits before it asks again; undefined when it takes the answer as it is. A header that the client keeps
 * to counts before its own doubling wait. No answer at all is asked for again like a status of its list.
 */
export function retryWaitMs(
  { times, statuses, waitsFor }: ClientHabits['retry'],
  given: Exchange,
  tries: number,
): number | undefined {
  if (tries >= times) return undefined;
  const own = Math.min(firstWaitMs * 2 ** tries, longestWaitMs);
  if (given.kind === 'silent') return given.reason === 'unreachable' ? own : undefined;
  if (!statuses.includes(given.status) || given.headers.get('x-should-retry') === 'false') return undefined;
  for (const header of waitsFor) {
    const value = Number(given.headers.get(header) ?? undefined);
    if (Number.isFinite(value) && value >= 0) return Math.min(header === 'retry-after-ms' ? value : value * 1_000, longestWaitMs);
  }
  return own;
}
