import { isFields, type Fields } from '../../../../kernel/fields.js';

/** How an answer ended: with a reason that a chat knows, or with a fault that is told in words. */
export type Ending = { readonly finish: 'stop' | 'length' | 'content_filter' } | { readonly fault: string };

const finishes = new Map<string, 'stop' | 'length' | 'content_filter'>([
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['SAFETY', 'content_filter'],
  ['RECITATION', 'content_filter'],
  ['LANGUAGE', 'content_filter'],
  ['BLOCKLIST', 'content_filter'],
  ['PROHIBITED_CONTENT', 'content_filter'],
  ['SPII', 'content_filter'],
  ['MODEL_ARMOR', 'content_filter'],
  ['IMAGE_SAFETY', 'content_filter'],
  ['IMAGE_PROHIBITED_CONTENT', 'content_filter'],
  ['IMAGE_RECITATION', 'content_filter'],
]);

/** What stands where no reason is meant. */
const unspecified = new Set<unknown>(['', 'FINISH_REASON_UNSPECIFIED', 'BLOCKED_REASON_UNSPECIFIED', 'BLOCK_REASON_UNSPECIFIED']);

/**
 * How a candidate ended; undefined where it goes on. A malformed call, `OTHER` and reasons that are not known leave no answer
 * that anybody could take for whole: they are faults.
 */
export function endingOf({ finishReason: reason, finishMessage: words }: Fields): Ending | undefined {
  if (typeof reason !== 'string' || unspecified.has(reason)) return undefined;
  const finish = finishes.get(reason);
  if (finish !== undefined) return { finish };
  const why = typeof words === 'string' && words !== '' ? `: ${words}` : '';
  return { fault: `The model ended its answer with ${reason}${why}` };
}

/** Whether the request itself was blocked. */
export function isBlocked(feedback: unknown): boolean {
  const reason = isFields(feedback) ? feedback['blockReason'] : undefined;
  return typeof reason === 'string' && !unspecified.has(reason);
}
