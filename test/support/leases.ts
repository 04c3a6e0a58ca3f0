import type { CallLimit, LimitKind } from '../../src/modules/limits/call-limit.js';
import type { LimitAnswer } from '../../src/platform/limits/limit-store.js';

/** A limit of so many units. */
export function limitOf(kind: LimitKind, most: number, more: Partial<CallLimit> = {}): CallLimit {
  return { id: `ten_a/key/key_a/${kind}`, kind, owner: 'key', ownerId: 'key_a', most, epoch: 1, ...more };
}

/** What a store says that has given nothing and is short of nothing. */
export function answerOf(more: Partial<LimitAnswer> = {}): LimitAnswer {
  return { granted: 0, fits: 0, left: 1_000, isShort: false, waitMs: 0, ...more };
}
