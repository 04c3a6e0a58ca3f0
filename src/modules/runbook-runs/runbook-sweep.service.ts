import { Injectable } from '@nestjs/common';
import { RunbookQueue } from './runbook-queue.js';
import { RunbookSweepRepository } from './runbook-sweep.repository.js';

const batchSize = 500;
/** What has ended is kept for so long. */
const keptDays = 90;

/** Finds what crashes have left of runs of runbooks, and what is old. */
@Injectable()
export class RunbookSweep {
  constructor(
    private readonly repository: RunbookSweepRepository,
    private readonly queue: RunbookQueue,
  ) {}

  /** Queues runs that wait. Those that have a job in the queue already keep it. */
  async sweep(signal: AbortSignal): Promise<void> {
    for (const { before, ...run } of await this.repository.findLeft(batchSize))
      if (signal.aborted || !(await this.queue.enqueue(run, before))) return;
  }

  /** Removes old runs. */
  async expire(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && (await this.repository.deleteOld(keptDays, batchSize)) === batchSize);
  }
}
