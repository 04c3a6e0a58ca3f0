import { Injectable, Logger } from '@nestjs/common';
import { UsageStoreRepository } from './usage-store.repository.js';

const monthsAhead = 3;
const sumsAtOnce = 20_000;
const rowsAtOnce = 2_000;
/** One run ends before the next is due, and leaves the queue to others for most of the time. */
const runMs = 40_000;

/** What is done for the tables of usage beside the calls: nobody waits for it, and what it has not done yet only makes reading slower. */
@Injectable()
export class UsageStoreService {
  private readonly logger = new Logger(UsageStoreService.name);

  constructor(private readonly repository: UsageStoreRepository) {}

  /** Makes the partitions of this month, the next three, and of months that the default partition has rows of; returns how many. */
  async makeMonths(signal: AbortSignal): Promise<number> {
    let made = 0;
    for (const month of await this.repository.wantedMonths(monthsAhead)) {
      if (signal.aborted) break;
      if (await this.made(month)) made += 1;
    }
    return made;
  }

  /** Adds the open sums to their hours and days until few are left, or the signal fires; returns how many. */
  async addUp(signal: AbortSignal): Promise<number> {
    return this.inBatches(signal, async () => {
      const count = await this.repository.addUp(sumsAtOnce);
      return { count, isMore: count === sumsAtOnce };
    });
  }

  /** Brings rows of the release before over until none is left, the time of a run is over or the signal fires. */
  async bringOver(signal: AbortSignal): Promise<void> {
    await this.inBatches(signal, async () => ({ count: 0, isMore: await this.repository.bringOver(rowsAtOnce) }));
  }

  /** A month that cannot be made now is made by a later run: its rows have a place meanwhile. */
  private async made(month: Date): Promise<boolean> {
    try {
      return await this.repository.makeMonth(month);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.logger.warn(`The partition of usage for ${month.toISOString().slice(0, 7)} is not made yet: ${reason}.`);
      return false;
    }
  }

  private async inBatches(signal: AbortSignal, batch: () => Promise<{ count: number; isMore: boolean }>): Promise<number> {
    const end = performance.now() + runMs;
    let done = 0;
    for (let isMore = true; isMore && !signal.aborted && performance.now() < end;) {
      const { count, isMore: goesOn } = await batch();
      done += count;
      isMore = goesOn;
    }
    return done;
  }
}
