import { AppError } from '../../kernel/app-error.js';
import type { Recording } from '../idempotency/recording.js';
import type { ReplySink } from '../inference/call/reply-sink.js';
import type { StoredEvent } from '../responses/background/background-record.js';
import { EventLog } from './event-log.js';

const flushMs = 100;
/** When so much waits to be stored, the provider waits too. */
const fullBytes = 1024 * 1024;
const againMs = 500;

/** How a run came out. */
export type RunOutcome =
  /** The answer was kept and the end committed. */
  | { readonly kind: 'kept' }
  /** Nothing was kept. @property last the error in the answer's own form, where there is one. */
  | { readonly kind: 'failed'; readonly error: AppError; readonly last: string | undefined }
  /** Whoever runs it has let go of it. */
  | { readonly kind: 'left' };

/** How events are stored: within a run's own transaction, or with the end of the response. */
export interface EventStore {
  /** @throws LostClaimError when the response is not the run's any more; it then stores nothing more. */
  append(events: readonly StoredEvent[]): Promise<void>;
  /** Ends the response with its last events in the transaction that keeps the answer. */
  end(events: readonly StoredEvent[]): Recording;
  /** Called when the response is not the run's any more. */
  lost(): void;
  isLost(error: unknown): boolean;
}

/**
 * Where the answer of a call goes that nobody waits for: its events are stored in batches, its end together with the answer
 * that is kept.
 */
export class StoredReply implements ReplySink {
  readonly outcome: Promise<RunOutcome>;
  private settle: (outcome: RunOutcome) => void = () => undefined;
  private isOver = false;
  private isCommitted = false;
  private isSealed = false;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;
  private isFull = false;
  private readonly drained: (() => void)[] = [];
  private readonly left: (() => void)[] = [];

  constructor(
    readonly log: EventLog,
    private readonly store: EventStore,
  ) {
    this.outcome = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  get gone(): boolean {
    return this.isOver;
  }

  setHeader(): void {
    // Nobody reads headers.
  }

  head(): void {
    // Nor the head.
  }

  write(bytes: Buffer | string): boolean {
    if (this.isOver) return true;
    this.log.add(Buffer.from(bytes));
    if (!this.log.isEmpty) this.timer ??= setTimeout(() => this.flush(), flushMs);
    this.isFull = this.log.bytes > fullBytes;
    return !this.isFull;
  }

  recording(last: Buffer): Recording {
    this.seal();
    this.log.add(last);
    let events: readonly StoredEvent[] | undefined;
    return async (tx) => {
      // A transaction that was lost is made again, with the same events.
      events ??= this.log.taken();
      await this.store.end(events)(tx);
      this.isCommitted = true;
    };
  }

  end(): void {
    if (this.isCommitted) this.over({ kind: 'kept' });
    else this.fail(new AppError('internal_error', { cause: 'a response has ended and was not kept' }));
  }

  fail(error: AppError, last?: string): void {
    this.seal();
    this.over({ kind: 'failed', error, last });
  }

  /** Ends the call from outside: the provider's call is broken off. With an error the response fails. */
  leave(error?: AppError): void {
    if (this.isOver) return;
    this.seal();
    this.over(error === undefined ? { kind: 'left' } : { kind: 'failed', error, last: undefined });
    for (const listener of this.left) listener();
  }

  onDrain(listener: () => void): void {
    this.drained.push(listener);
  }

  onGone(listener: () => void): void {
    this.left.push(listener);
  }

  onFlushed(listener: () => void): void {
    void this.outcome.then(listener);
  }

  /** Resolves when nothing is being stored any more. */
  async settled(): Promise<void> {
    await this.writing;
  }

  private over(outcome: RunOutcome): void {
    if (this.isOver) return;
    this.isOver = true;
    this.settle(outcome);
  }

  private seal(): void {
    this.isSealed = true;
    clearTimeout(this.timer);
  }

  private flush(): void {
    this.timer = undefined;
    if (this.writing !== undefined || this.isSealed) return;
    const events = this.log.taken();
    if (events.length === 0) return;
    this.writing = this.store
      .append(events)
      .catch((error: unknown) => {
        this.log.putBack(events);
        if (this.store.isLost(error)) this.store.lost();
      })
      .finally(() => this.written());
  }

  private written(): void {
    this.writing = undefined;
    if (this.isSealed) return;
    if (!this.log.isEmpty) this.timer ??= setTimeout(() => this.flush(), this.log.bytes > fullBytes ? againMs : flushMs);
    if (!this.isFull || this.log.bytes > fullBytes) return;
    this.isFull = false;
    for (const listener of this.drained) listener();
  }
}
