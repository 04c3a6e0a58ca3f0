import type { Reply } from './http-call.js';

/** How long the platform worked until it sent the head, in its own words; undefined where the header did not arrive. */
export function serverMs({ headers }: Reply): number | undefined {
  const text = headers['openai-processing-ms'];
  const ms = typeof text === 'string' ? Number(text) : Number.NaN;
  return Number.isFinite(ms) ? ms : undefined;
}

/** What the quickest of these calls spent on the way, with its connection; undefined where none can tell. */
export function wayMs(replies: readonly Reply[]): number | undefined {
  const each = replies.flatMap((reply) => {
    const server = serverMs(reply);
    return server === undefined ? [] : [Math.max(0, reply.headMs - server)];
  });
  return each.length === 0 ? undefined : Math.min(...each);
}

/**
 * How long the first byte of a stream was held on the way, beyond what a quick call takes. The platform sends the head
 * together with the first event, so its own time until the head is its time until the first byte.
 */
export function heldMs(stream: Reply, quick: readonly Reply[]): number | undefined {
  const [server, way] = [serverMs(stream), wayMs(quick)];
  if (server === undefined || way === undefined || stream.firstByteMs === null) return undefined;
  return Math.max(0, stream.firstByteMs - server - way);
}
