import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { mostBodyDays } from '../../contracts/tenants.js';
import { RequestDaysRepository } from './request-days.repository.js';

const dayMs = 86_400_000;
const daysAhead = 3;
/** So many days are dropped in one transaction, which nobody can read beside. */
const daysAtOnce = 10;
const rowsAtOnce = 5_000;
/** Bodies are large. */
const bodiesAtOnce = 500;
/** No tenant keeps bodies for longer. */
const bodiesMs = mostBodyDays * dayMs;

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
    for (let day = today; day <= today + daysAhead; day += 1) if (await this.repository.make('log', day)) made += 1;
    return made;
  }

  /** Drops the days of which every row is older than the log is kept; returns how many. One that is read just now waits for the next run. */
  async dropDays(signal: AbortSignal): Promise<number> {
    let dropped = 0;
    try {
      for (const what of ['log', 'bodies'] as const) {
        const before = new Date(Date.now() - (what === 'log' ? this.keptMs : Math.min(this.keptMs, bodiesMs)));
        dropped += await inPortions(signal, daysAtOnce, () => this.repository.dropBefore(what, before, daysAtOnce));
      }
    } catch (error) {
      this.logger.warn(`A day of the request log is not removed yet: ${(error as Error).message}.`);
    }
    return dropped;
  }

  /** Removes rows and bodies that tenants do not keep for as long as the platform does, some at a time; returns how many. */
  async trimTenants(signal: AbortSignal): Promise<number> {
    const rows = await inPortions(signal, rowsAtOnce, () => this.repository.deleteOld(rowsAtOnce));
    const bodies = await inPortions(signal, bodiesAtOnce, () => this.repository.deleteOldBodies(bodiesAtOnce));
    await this.repository.forgetDrops();
    return rows + bodies;
  }
}

/** Removes until a portion is not full, or the signal fires; returns how many. */
async function inPortions(signal: AbortSignal, size: number, remove: () => Promise<number>): Promise<number> {
  let removed = 0;
  for (let count = size; count === size && !signal.aborted; removed += count) count = await remove();
  return removed;
}
