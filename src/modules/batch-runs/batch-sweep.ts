import { Injectable } from '@nestjs/common';
import { setTimeout as wait } from 'node:timers/promises';
import { BatchJobs } from '../batches/batch-jobs.js';
import { BatchWatchRepository } from './batch-watch.repository.js';

const mostAtOnce = 500;
/** After an absence of the database all runs seem dead: so long they have to say that they live. */
const settleMs = 3_000;

/** Mends what crashes left of batches, ends those whose time is over, and calls further workers to those that run. */
@Injectable()
export class BatchSweep {
  constructor(
    private readonly watch: BatchWatchRepository,
    private readonly jobs: BatchJobs,
  ) {}

  async sweep(signal: AbortSignal): Promise<void> {
    await this.watch.expire(mostAtOnce);
    const silent = await this.watch.silent(mostAtOnce);
    await this.enqueueLeft(signal);
    if (silent.length === 0) return;
    await wait(settleMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    await this.watch.bury(silent);
    await this.enqueueLeft(signal);
  }

  /** A worker that is at a batch already, or finds nothing to do, ends its job at once. */
  async enqueueLeft(signal: AbortSignal): Promise<void> {
    for (const batch of await this.watch.left(mostAtOnce))
      if (signal.aborted || !(await this.jobs.enqueue(batch, batch.open))) return;
  }
}
