import type { FileState } from '../../../contracts/files.js';
import type { TenantDatabase, Transaction } from '../../../platform/database/tenant-database.js';
import type { FileClaimsRepository } from './file-claims.repository.js';
import type { ClaimedFile } from '../record/file-record.js';
import { FileFailure, SupersededError } from './file-steps.js';

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

  /** Moves the file on by these steps, at once. @throws SupersededError. */
  async enter(...states: readonly FileState[]): Promise<void> {
    await this.transact(async (tx) => {
      for (const state of states) await this.claims.transition(tx, this.file, state);
    });
  }

  /** Says how far the present step has come; at most every half second this is written. */
  progress(percent: number): void {
    if (performance.now() - this.lastWriteAt < progressMs) return;
    const whole = Math.max(0, Math.min(100, Math.floor(percent)));
    this.writeNow((tx) => this.claims.progress(tx, this.file, whole));
  }

  /** A transaction of this run, after whatever it is still writing. @throws SupersededError, the signal's reason. */
  async transact<T>(work: (tx: Transaction) => Promise<T>, timeoutMs?: number): Promise<T> {
    await this.writing;
    this.signal.throwIfAborted();
    this.lastWriteAt = performance.now();
    return this.database.run(this.file.tenantId, work, timeoutMs);
  }

  /** Ends the run; nothing is written afterwards but what the caller writes. */
  async stop(): Promise<void> {
    clearInterval(this.beats);
    await this.writing;
    this.superseded.abort(new SupersededError());
  }

  /** Writes beside the work. What fails is not waited for: the next beat tells whether the claim still holds. */
  private writeNow(write: (tx: Transaction) => Promise<void>): void {
    if (this.writing !== undefined || this.signal.aborted) return;
    this.lastWriteAt = performance.now();
    this.writing = this.database
      .run(this.file.tenantId, write)
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
