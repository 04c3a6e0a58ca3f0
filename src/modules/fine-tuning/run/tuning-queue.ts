import { Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.module.js';
import { faultPoint } from '../../../platform/fault-point.js';
import { Outbox } from '../../../platform/queue/outbox.js';
import { QueueService } from '../../../platform/queue/queue.service.js';
import type { TuningPlace } from '../record/tuning-record.js';

/** Puts fine-tuning jobs into the queue. Each has one job there, which comes back at its times until all is done. */
@Injectable()
export class TuningQueue extends Outbox<TuningPlace> {
  constructor(
    private readonly queue: QueueService,
    private readonly config: Config,
  ) {
    super();
  }

  override enqueue(job: TuningPlace, before: number): Promise<boolean> {
    faultPoint(this.config.GT_FAULT_POINT, 'tuning.after-row');
    return super.enqueue(job, before);
  }

  protected override async queued({ tenantId, id }: TuningPlace, priority: number): Promise<void> {
    await this.queue.enqueue('fine-tuning.run', { tenantId, jobId: id }, { jobId: `${id}-run`, priority });
  }
}
