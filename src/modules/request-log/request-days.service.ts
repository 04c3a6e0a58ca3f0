import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { RequestDaysRepository } from './request-days.repository.js';

const dayMs = 86_400_000;
const daysAhead = 3;
const rowsAtOnce = 5_000;

/** Keeps the days of the request log: makes them ahead, and drops those that are kept no longer. */
@Injectable()
export class RequestDaysService {
  private readonly logger = new Logger(RequestDaysService.name);
  private readonly keptMs: number;

  constructor(
    private readonly repository: RequestDaysRepository,
    config: Config,
  ) {
    this.keptMs = config.GT_REQUEST_LOG_DAYS * dayMs;
  }

  /** Makes today and the next three days; returns how many were made. */
  async makeDays(): Promise<number> {
    const today = Math.floor(Date.now() / dayMs);
    let made = 0;
    for (let day = today; day <= today + daysAhead; day += 1) if (await this.repository.make(day)) made += 1;
    return made;
  }

  /** Drops the days of which every row is older than the log is kept; returns how many. One that is read just now waits for the next run. */
  async dropDays(signal: AbortSignal): Promise<number> {
    const before = new Date(Date.now() - this.keptMs);
    let dropped = 0;
    try {
      while (!signal.aborted && (await this.repository.dropBefore(before))) dropped += 1;
    } catch (error) {
      this.logger.warn(`A day of the request log is not removed yet: ${(error as Error).message}.`);
    }
    return dropped;
  }

  /** Removes rows that tenants do not keep for as long as the platform does, some at a time; returns how many. */
  async trimTenants(signal: AbortSignal): Promise<number> {
    let removed = 0;
    for (let isMore = true; isMore && !signal.aborted;) {
      const count = await this.repository.deleteOld(rowsAtOnce);
      removed += count;
      isMore = count === rowsAtOnce;
    }
    await this.repository.forgetDrops();
    return removed;
  }
}
