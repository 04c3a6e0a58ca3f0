import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { Outbox } from '../../platform/queue/outbox.js';
import { QueueService } from '../../platform/queue/queue.service.js';
import type { BatchPlace } from './batch-record.js';

/** A batch at which there is something to do. */
export interface WaitingBatch extends BatchPlace {
  /** How many runs were begun for it. */
  readonly runs: number;
}

/** Calls workers to batches. */
@Injectable()
export class BatchJobs extends Outbox<WaitingBatch> {
  constructor(
    private readonly queue: QueueService,
    config: Config,
  ) {
    super(config, 'batch.after-row');
  }

  protected override async queued({ tenantId, id, runs }: WaitingBatch, priority: number): Promise<void> {
    await this.queue.enqueue('batch.run', { tenantId, batchId: id }, { jobId: `${id}-${runs}`, priority });
  }
}
