import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CallJournal } from '../../platform/journal/call-journal.js';
import { RecordKinds } from '../../platform/journal/record-kinds.js';
import { SlicesRepository } from '../spending/slices.repository.js';
import { KeyTouches } from './key-touches.js';
import { UsageDrainRepository } from './usage-drain.repository.js';

const intervalMs = 500;
const longestBackoffMs = 5_000;
const batchSize = 1000;

/** Carries ended calls, and records of other kinds, from the journal to the database every half second, and all of them when the process stops. */
@Injectable()
export class UsageDrainService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(UsageDrainService.name);
  private timer: NodeJS.Timeout | undefined;
  private last: Promise<void> = Promise.resolve();
  private backoffMs = 0;
  private isStopped = false;

  constructor(
    private readonly journal: CallJournal,
    private readonly kinds: RecordKinds,
    private readonly repository: UsageDrainRepository,
    private readonly touches: KeyTouches,
    private readonly slices: SlicesRepository,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
  }

  /** What the database does not take now stays in the journal, for the next process to adopt. */
  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.drainLast().catch((error: unknown) => {
      // What it holds of budgets is closed by whoever adopts the journal.
      this.journal.leaveBehind();
      this.report(error, 'the next process adopts the journal');
    });
  }

  /**
   * Resolves when everything that had ended at the time of the call is committed. Drains never overlap.
   * @throws Error of the database; nothing is lost then.
   */
  drainNow(): Promise<void> {
    const drained = this.last.catch(() => undefined).then(() => this.drain());
    this.last = drained;
    return drained;
  }

  /** Where all is in the database, nothing of what this process held of budgets is needed any more. */
  private async drainLast(): Promise<void> {
    await this.drainNow();
    const { open, undrainedInMemory } = this.journal.counts();
    if (open === 0 && undrainedInMemory === 0) await this.slices.closeOf(this.journal.instance);
  }

  private schedule(): void {
    if (!this.isStopped) this.timer = setTimeout(() => void this.tick(), intervalMs + this.backoffMs);
  }

  private async tick(): Promise<void> {
    try {
      await this.drainNow();
      this.backoffMs = 0;
    } catch (error) {
      this.backoffMs = Math.min(Math.max(this.backoffMs * 2, intervalMs), longestBackoffMs);
      this.report(error, `next attempt in ${intervalMs + this.backoffMs} ms`);
    }
    this.schedule();
  }

  private async drain(): Promise<void> {
    // What ended in this turn of the event loop is written to the journal at its end.
    await nextTurn();
    await this.drainCalls();
    await this.drainTouches();
  }

  private async drainCalls(): Promise<void> {
    for (let isMore = true; isMore;) {
      const batch = await this.journal.nextBatch(batchSize);
      if (batch === undefined) return;
      await this.kinds.write(batch.records);
      batch.confirm();
      isMore = batch.more;
    }
  }

  private async drainTouches(): Promise<void> {
    const taken = this.touches.take();
    try {
      await this.repository.write([], taken);
    } catch (error) {
      for (const touch of taken) this.touches.merge(touch);
      throw error;
    }
  }

  private report(error: unknown, consequence: string): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.logger.error(`Usage cannot be written to the database: ${reason}; ${consequence}.`);
  }
}
