/** What a limit counts: units that come back with time (`rate`), or that are held and given back (`parallel`). */
export type LimitUnit = 'rate' | 'parallel';

/** What one process wants of what all processes share. */
export interface LeaseAsk {
  /** Names what is shared, whoever asks. */
  readonly id: string;
  /** Units that the process keeps. */
  readonly have: number;
  /** Units of each call that waits, in their order. */
  readonly needs: readonly number[];
  /** Units that it would like to have beyond these. */
  readonly ahead: number;
}

/** What one process says of one limit, and what it wants of it. What it keeps is what it has not used of a rate, or all that it holds. */
export interface LimitAsk extends LeaseAsk {
  readonly unit: LimitUnit;
  /** Units a minute, or at once. */
  readonly most: number;
  /** When the limit was set, in milliseconds since 1970: of two that differ, the later one holds. */
  readonly epoch: number;
  /** Units of a rate that were taken and not used; below zero: used and not taken. */
  readonly back: number;
}

/** What the store says to an ask. */
export interface LimitAnswer {
  /** Units that the process has now beyond what it kept. */
  readonly granted: number;
  /** How many of the needs they are enough for, from the first on. */
  readonly fits: number;
  /** Units that are free now, for anybody. */
  readonly left: number;
  /** There is too little for all: nobody takes ahead, and whoever has units that it does not use gives them back. */
  readonly isShort: boolean;
  /** So long, in ms, other processes may still have units that they do not use: 0 makes a refusal final. */
  readonly waitMs: number;
}

export interface LeaseAnswers<Answer extends LimitAnswer> {
  /** In the order of the asks. */
  readonly answers: readonly Answer[];
  /** How many processes take from what is shared, this one included. */
  readonly processes: number;
}

export type LimitAnswers = LeaseAnswers<LimitAnswer>;

/** Where what processes share is kept. */
export interface LeaseStore<Ask extends LeaseAsk, Answer extends LimitAnswer> {
  /** Answers each ask by itself. @param process a name of this process alone. @throws Error when the store is away. */
  exchange(process: string, asks: readonly Ask[]): Promise<LeaseAnswers<Answer>>;

  /** The process takes no more. @throws Error when the store is away: then it counts until its time is over. */
  leave(process: string): Promise<void>;
}

/** What a process holds counts so long after it last said so: then it is taken for dead. */
export const holdsMs = 5_000;

/** Within so long every live process has heard that units are short, and given back what it does not use. */
export const recallMs = 300;

/** What is left of a limit is forgotten so long after anybody asked for it, even if it is not full again. */
export const keptMs = 24 * 3_600_000;

/** A store answers within this, or is away. */
export const storeMs = 1_000;

/** What a store was asked is given up after this: by then nobody waits for it any more. */
export const givenUpMs = 3 * storeMs;

/**
 * What is left of each limit, for all processes together. Each limit is a bucket of its own, which the store changes at once
 * and by its own clock: free units and those that processes hold are never more than the limit.
 */
export abstract class LimitStore implements LeaseStore<LimitAsk, LimitAnswer> {
  abstract exchange(process: string, asks: readonly LimitAsk[]): Promise<LimitAnswers>;

  abstract leave(process: string): Promise<void>;

  /** Forgets all limits whose ids begin so. @throws Error when the store is away. */
  abstract forget(prefix: string): Promise<void>;

  abstract close(): Promise<void>;
}
