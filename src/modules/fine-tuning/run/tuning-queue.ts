import { Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.module.js';
import { Outbox } from '../../../platform/queue/outbox.js';
import { QueueService } from '../../../platform/queue/queue.service.js';
import type { TuningPlace } from '../record/tuning-record.js';

/** Puts fine-tuning jobs into the queue. Each has one job there, which comes back at its times until all is done. */
@Injectable()
export class TuningQueue extends Outbox<TuningPlace> {
  constructor(
    private readonly queue: QueueService,
    config: Config,
  ) {
    super(config, 'tuning.after-row');
  }

  protected override async queued({ tenantId, id }: TuningPlace, priority: number): Promise<void> {
    await this.queue.enqueue('fine-tuning.run', { tenantId, jobId: id }, { jobId: `${id}-run`, priority });
  }
}
