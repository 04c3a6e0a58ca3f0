import type { Additions } from './dialogue.js';

/** A call whose client does not wait for it: it is taken in, and a worker makes it. */
export interface BackgroundCall {
  /** The client follows its events. */
  readonly isFollowed: boolean;
  /** What the worker asks, as a stream. To be read before the plan is made. */
  body(): Buffer;
  /** The answer under its new id, before anything is made of it, as JSON text. */
  queued(additions: Additions): QueuedAnswer;
}

/** An answer of which nothing is there but its place. */
export interface QueuedAnswer {
  readonly id: string;
  /** The object as JSON text. */
  readonly object: string;
}

/** What a run in a worker knows of the call that it makes. */
export interface BackgroundRun {
  /** The id under which the answer stands already. */
  readonly id: string;
  /** When it was asked for, in Unix seconds. */
  readonly createdAt: number;
  /** To be awaited before the call goes out; it does not when this throws. */
  sending(): Promise<void>;
  /**
   * Keeps the answer, with patience while the database is away: `work` is then done again from its beginning.
   * @throws whatever the last try throws.
   */
  keeping<T>(work: () => Promise<T>): Promise<T>;
}
