import type { RequestFacts } from './request-record.js';

/** Refusals that are one row. */
export interface FoldedRefusals {
  /** The first of them. */
  readonly facts: RequestFacts;
  readonly count: number;
}

interface Fold {
  readonly facts: RequestFacts;
  count: number;
}

interface KeyRefusals {
  seen: number;
  /** Those beyond the first ones, by why they were refused. */
  readonly folds: Map<string, Fold>;
}

/** So many refusals of a key in a second are rows of their own. */
export const singleRefusals = 10;

/**
 * Puts refusals together that one key gets in one second: the first ten are told one by one, those that follow are one row for each
 * reason, with their count. So a client that asks in a circle fills nobody's disk. It holds one second's.
 */
export class RefusalFolds {
  private second = 0;
  private keys = new Map<string, KeyRefusals>();
  private over: FoldedRefusals[] = [];

  /** True when the call is told with others; false when it is a row of its own. @param atMs when it was refused. */
  take(facts: RequestFacts, atMs: number): boolean {
    this.turn(atMs);
    let refusals = this.keys.get(facts.keyId);
    if (refusals === undefined) this.keys.set(facts.keyId, (refusals = { seen: 0, folds: new Map() }));
    refusals.seen += 1;
    if (refusals.seen <= singleRefusals) return false;
    const why = `${facts.status} ${facts.errorCode ?? ''}`;
    const fold = refusals.folds.get(why);
    if (fold === undefined) refusals.folds.set(why, { facts, count: 1 });
    else fold.count += 1;
    return true;
  }

  /** The rows of seconds that are over. Each is given once. @param atMs now; Infinity ends the present second too. */
  ended(atMs: number): readonly FoldedRefusals[] {
    this.turn(atMs);
    const { over } = this;
    if (over.length > 0) this.over = [];
    return over;
  }

  /** Whether something waits for its second to end. */
  get isEmpty(): boolean {
    return this.keys.size === 0 && this.over.length === 0;
  }

  private turn(atMs: number): void {
    const second = Math.floor(atMs / 1000);
    if (second === this.second) return;
    this.second = second;
    if (this.keys.size === 0) return;
    for (const { folds } of this.keys.values()) this.over.push(...folds.values());
    this.keys = new Map();
  }
}
