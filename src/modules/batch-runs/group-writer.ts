import { Config } from '../../config/config.module.js';
import { faultPoint } from '../../platform/fault-point.js';
import { DatabaseAwayError } from '../../platform/database/database-away.js';
import { withPatience } from '../../platform/database/with-patience.js';
import type { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { BatchLinesRepository, LineResult } from '../batches/batch-lines.repository.js';
import type { BatchRun } from './open-batch-runs.js';

/**
 * Results are written so long after the first of them came, or when there are so many of them. A commit costs about as much as
 * thirty results: what a crash takes along, and progress comes later by, is small beside that.
 */
const gatherMs = 100;
const mostResults = 512;
const mostBytes = 1024 * 1024;
/** When answers of so many bytes wait, no further request is begun. */
const fullBytes = 4 * 1024 * 1024;

/** What a run needs to write how its requests have come out. */
export interface WriterTools {
  readonly database: TenantDatabase;
  readonly lines: BatchLinesRepository;
  readonly config: Config;
}

/** Writes the results of one run, many in one commit, one commit at a time. */
export class GroupWriter {
  private waiting: LineResult[] = [];
  private bytes = 0;
  private timer: NodeJS.Timeout | undefined;
  /** When those that wait are due, while others are written. */
  private dueAt = 0;
  private writing: Promise<void> | undefined;
  private failure: unknown;

  constructor(
    private readonly tools: WriterTools,
    private readonly run: BatchRun,
  ) {}

  /** @throws the error with which results could not be written: whoever has them next makes the requests again. */
  add(result: LineResult): void {
    if (this.waiting.length === 0) this.dueAt = performance.now() + gatherMs;
    this.waiting.push(result);
    this.bytes += result.answer?.length ?? 0;
    if (this.writing === undefined) this.beginInTime();
  }

  /** Resolves when there may be room for more; undefined when there is. @throws what the writing threw. */
  room(): Promise<void> | undefined {
    this.check();
    return this.bytes > fullBytes ? this.writing : undefined;
  }

  /** Resolves when all that was given is written. @throws what the writing threw. */
  async flushed(): Promise<void> {
    while (this.waiting.length > 0 || this.writing !== undefined) {
      this.begin();
      await this.writing;
      this.check();
    }
    this.check();
  }

  private check(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  private beginInTime(): void {
    if (this.waiting.length === 0) return;
    const leftMs = this.dueAt - performance.now();
    if (leftMs <= 0 || this.waiting.length >= mostResults || this.bytes >= mostBytes) this.begin();
    else this.timer ??= setTimeout(() => this.begin(), leftMs);
  }

  private begin(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.writing !== undefined || this.waiting.length === 0 || this.failure !== undefined) return;
    const results = this.waiting;
    this.waiting = [];
    this.bytes = 0;
    this.writing = this.write(results)
      .catch((error: unknown) => {
        this.failure = error;
      })
      .finally(() => {
        this.writing = undefined;
        this.beginInTime();
      });
  }

  private async write(results: readonly LineResult[]): Promise<void> {
    const { database, lines, config } = this.tools;
    const { batch, id } = this.run;
    faultPoint(config.GT_FAULT_POINT, 'batch.before-commit');
    const settle = (): Promise<void> => database.runPlain(batch.tenantId, (tx) => lines.settle(tx, batch, id, results));
    await withPatience(settle, (error) => error instanceof DatabaseAwayError && !this.run.isLost);
    faultPoint(config.GT_FAULT_POINT, 'batch.after-commit');
  }
}
