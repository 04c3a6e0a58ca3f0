import { AppError } from '../../kernel/app-error.js';
import type { Recording } from '../idempotency/recording.js';
import type { HeldItems, PlacedItem, StoredItem } from './conversation-record.js';

/** What a turn does to the store; each is one short transaction. */
export interface TurnActs {
  extend(): Promise<boolean>;
  release(): Promise<void>;
  /** @returns undefined when the lease is lost. */
  commit(items: readonly StoredItem[], recording?: Recording): Promise<StoredItem[] | undefined>;
  newest(before: bigint, limit: number, maxBytes: number): Promise<PlacedItem[]>;
  held(ids: readonly string[], asksCalls: boolean): Promise<HeldItems>;
}

/** Does a piece of work that may be done again when it fails. */
export type Keeping = <T>(work: () => Promise<T>) => Promise<T>;

/** Tries once. */
export const once: Keeping = (work) => work();

/**
 * One turn of a conversation, from the taking of its lease to the writing of its items. While it is open nobody else
 * writes; no transaction and no connection is held meanwhile. It must end with `commit` or `abandon`; a process that
 * dies before leaves a lease that runs out.
 */
export class ConversationTurn {
  private readonly renewal: NodeJS.Timeout;
  private over = false;

  /** @param whenOver called once, when the lease is given back. */
  constructor(
    readonly conversationId: string,
    private readonly acts: TurnActs,
    renewMs: number,
    private readonly whenOver: () => void,
  ) {
    // A renewal that fails is tried again with the next one; what counts is whether somebody else took the lease.
    this.renewal = setInterval(() => void acts.extend().catch(() => undefined), renewMs);
    this.renewal.unref();
  }

  /**
   * Items before a position, the newest first: at most `limit`, and none behind the one with which they come to more than
   * `maxBytes`.
   */
  async newestItems(before: bigint, limit: number, maxBytes: number): Promise<PlacedItem[]> {
    return this.acts.newest(before, limit, maxBytes);
  }

  /**
   * Which of these ids the conversation's items have.
   * @param asksCalls the newest calls and results are asked for too.
   */
  async held(ids: readonly string[], asksCalls: boolean): Promise<HeldItems> {
    return this.acts.held(ids, asksCalls);
  }

  /**
   * Writes the whole turn in order, in one transaction, and gives the lease back. `recording` writes the answer down with
   * it, for a call that may be repeated under an Idempotency-Key. `keeping` does the writing, perhaps more than once: the
   * lease's owner is its fence.
   * @throws AppError conflict when the turn is over, another one took the conversation, or it was deleted.
   */
  async commit(items: readonly StoredItem[], recording?: Recording, keeping: Keeping = once): Promise<StoredItem[]> {
    if (this.over) throw lost();
    this.end();
    try {
      const stored = await keeping(() => this.acts.commit(items, recording));
      if (stored === undefined) throw lost();
      return stored;
    } catch (error) {
      await this.acts.release().catch(() => undefined);
      throw error;
    } finally {
      this.whenOver();
    }
  }

  /** Gives the lease back without a word. Does nothing once the turn is over. */
  async abandon(): Promise<void> {
    if (this.over) return;
    this.end();
    // A lease that cannot be given back runs out.
    await this.acts.release().catch(() => undefined);
    this.whenOver();
  }

  private end(): void {
    this.over = true;
    clearInterval(this.renewal);
  }
}

function lost(): AppError {
  return new AppError('conflict', { message: 'The conversation was deleted or continued by another call meanwhile.' });
}
