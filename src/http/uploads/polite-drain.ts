import type { IncomingMessage } from 'node:http';

export interface DrainLimits {
  /** Longest silence of the client while its rest is thrown away. */
  readonly idleMs: number;
  /** Longest time for which the rest is thrown away. */
  readonly totalMs: number;
}

/** nginx's own, of `lingering_timeout` and `lingering_time`. */
const usual: DrainLimits = { idleMs: 5_000, totalMs: 30_000 };

/**
 * Throws away what a refused client still sends, for a while, then ends the connection. Ended at once, a client that is
 * still sending would see a reset in place of the answer. When the body ends in time the connection lives on.
 */
export function drainPolitely(request: IncomingMessage, limits: DrainLimits = usual): void {
  if (request.readableEnded || request.destroyed) return;
  const giveUp = (): void => void request.destroy();
  const idle = setTimeout(giveUp, limits.idleMs).unref();
  const total = setTimeout(giveUp, limits.totalMs).unref();
  const stop = (): void => {
    clearTimeout(idle);
    clearTimeout(total);
  };
  request.on('data', () => idle.refresh());
  request.once('end', stop).once('close', stop);
  request.on('error', () => undefined);
  request.resume();
}
