import type { StatementTransaction, TenantDatabase, Transaction } from '../../../platform/database/tenant-database.js';
import type { FileClaimsRepository } from './file-claims.repository.js';
import type { ClaimedFile } from '../record/file-record.js';
import { FileFailure, SupersededError, type FileStep } from './file-steps.js';

const beatMs = 3_000;
const progressMs = 500;

/**
 * One attempt at a file, from its claim to its end. It says that it lives, writes progress no more than twice a second,
 * and its signal fires when the result is wanted no more: the file was deleted, another attempt took over, the time is
 * up, or the process stops.
 */
export class FileRun {
  readonly signal: AbortSignal;
  private readonly superseded = new AbortController();
  private readonly beats: NodeJS.Timeout;
  private lastWriteAt = performance.now();
  private writing: Promise<void> | undefined;
  private unshown: FileStep | undefined;
  private showing: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: TenantDatabase,
    private readonly claims: FileClaimsRepository,
    readonly file: ClaimedFile,
    outer: AbortSignal,
    timeoutMs: number,
  ) {
    this.signal = AbortSignal.any([outer, this.superseded.signal, timeLimit(timeoutMs, this.superseded.signal)]);
    this.beats = setInterval(() => this.writeNow((tx) => this.claims.beat(tx, file)), beatMs).unref();
  }

  /** Moves the file on to this state, at once. @throws SupersededError. */
  async enter(state: FileStep): Promise<void> {
    this.forgetUnshown();
    await this.transact((tx) => this.claims.advance(tx, this.file, state));
  }

  /** Says that the file has come to this state. It is written when it is still so after half a second: a moment nobody needs to see. */
  reached(state: FileStep): void {
    this.forgetUnshown();
    this.unshown = state;
    this.showing = setTimeout(() => this.show(), progressMs).unref();
  }

  /** Says how far the present step has come; at most every half second this is written. */
  progress(percent: number): void {
    if (this.unshown !== undefined || performance.now() - this.lastWriteAt < progressMs) return;
    const whole = Math.max(0, Math.min(100, Math.floor(percent)));
    this.writeNow((tx) => this.claims.progress(tx, this.file, whole));
  }

  /** A transaction of this run, after whatever it is still writing. @throws SupersededError, the signal's reason. */
  async transact<T>(work: (tx: StatementTransaction) => Promise<T>, timeoutMs?: number): Promise<T> {
    await this.untilWritten();
    return this.database.runPlain(this.file.tenantId, work, timeoutMs);
  }

  /** The same where the end of the file is told. @throws SupersededError, the signal's reason. */
  async transactAndTell<T>(work: (tx: Transaction) => Promise<T>, timeoutMs?: number): Promise<T> {
    await this.untilWritten();
    return this.database.run(this.file.tenantId, work, timeoutMs);
  }

  /** Ends the run; nothing is written afterwards but what the caller writes. */
  async stop(): Promise<void> {
    clearInterval(this.beats);
    this.forgetUnshown();
    await this.writing;
    this.superseded.abort(new SupersededError());
  }

  private async untilWritten(): Promise<void> {
    this.forgetUnshown();
    await this.writing;
    this.signal.throwIfAborted();
    this.lastWriteAt = performance.now();
  }

  private show(): void {
    const state = this.unshown;
    if (state === undefined) return;
    if (this.writing === undefined) {
      this.forgetUnshown();
      this.writeNow((tx) => this.claims.advance(tx, this.file, state));
    } else this.reached(state);
  }

  private forgetUnshown(): void {
    clearTimeout(this.showing);
    this.unshown = undefined;
  }

  /** Writes beside the work. What fails is not waited for: the next beat tells whether the claim still holds. */
  private writeNow(write: (tx: StatementTransaction) => Promise<void>): void {
    if (this.writing !== undefined || this.signal.aborted) return;
    this.lastWriteAt = performance.now();
    this.writing = this.database
      .runPlain(this.file.tenantId, write)
      .catch((error: unknown) => {
        if (error instanceof SupersededError) this.superseded.abort(error);
      })
      .finally(() => {
        this.writing = undefined;
      });
  }
}

/** Fires when the time is up, unless the run is over before. */
function timeLimit(ms: number, over: AbortSignal): AbortSignal {
  const limit = new AbortController();
  const failure = new FileFailure('processing_timeout', 'Processing the file took too long and was stopped.');
  const timer = setTimeout(() => limit.abort(failure), ms).unref();
  over.addEventListener('abort', () => clearTimeout(timer), { once: true });
  return limit.signal;
}
