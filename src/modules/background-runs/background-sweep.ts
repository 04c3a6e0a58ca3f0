import { Injectable } from '@nestjs/common';
import { setTimeout as wait } from 'node:timers/promises';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { BackgroundJobs } from '../responses/background/background-jobs.js';
import { BackgroundRepository } from '../responses/background/background.repository.js';
import { BackgroundWatchRepository, type LostResponse } from '../responses/background/background-watch.repository.js';
import { interrupted } from './background-runner.js';
import { failedEnd } from './failed-end.js';

const batchSize = 500;
/** After an absence of the database all runs seem dead: so long they have to say that they live. */
const settleMs = 3_000;

/** Mends what a crash left of responses in the background. */
@Injectable()
export class BackgroundSweep {
  constructor(
    private readonly database: TenantDatabase,
    private readonly watch: BackgroundWatchRepository,
    private readonly rows: BackgroundRepository,
    private readonly jobs: BackgroundJobs,
  ) {}

  /**
   * Ends responses whose run died behind its call, gives back those before it, and queues what has no job. The queueing
   * goes on beside the rest: a queue that is slow holds up no end.
   */
  async sweep(signal: AbortSignal): Promise<void> {
    const seeming = await this.watch.lost(batchSize);
    const done = await Promise.allSettled([this.mendAll(seeming, signal), this.enqueueLeft(signal)]);
    for (const part of done) if (part.status === 'rejected') throw part.reason;
  }

  /** Queues responses that have no job. After an absence of the queue every one that waits is one. */
  async enqueueLeft(signal: AbortSignal, { afterAbsence = false } = {}): Promise<void> {
    const left = await this.watch.left(batchSize, afterAbsence);
    for (const response of left) if (signal.aborted || !(await this.jobs.enqueue(response, response.open))) return;
    if (left.length > 0) await this.watch.markQueued(left);
  }

  private async mendAll(seeming: readonly LostResponse[], signal: AbortSignal): Promise<void> {
    if (seeming.length > 0) await wait(settleMs, undefined, { signal }).catch(() => undefined);
    for (const lost of seeming) {
      if (signal.aborted) return;
      await this.mend(lost);
    }
  }

  private async mend({ owner, ...place }: LostResponse): Promise<void> {
    await this.database.run(place.tenantId, async (tx) => {
      const held = await this.rows.hold(tx, place);
      if (held === undefined || held.state !== 'running' || !held.isDead) return;
      if (!held.isSent) {
        // Perhaps it was this response that the worker died of.
        await this.rows.giveBack(tx, place, owner, true);
        return;
      }
      const { object, event } = failedEnd(held.object, interrupted());
      await this.rows.end(tx, place, 'failed', [event(held.lastNumber + 1)], owner);
      await this.rows.show(tx, place, 'failed', object);
    });
  }
}
