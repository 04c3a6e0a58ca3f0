import { Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.module.js';
import { Outbox } from '../../../platform/queue/outbox.js';
import { QueueService } from '../../../platform/queue/queue.service.js';
import type { ResponsePlace } from './background-record.js';

/** A response that waits for a worker. */
export interface WaitingResponse extends ResponsePlace {
  /** Runs that it has had, but for those that only waited. */
  readonly attempts: number;
}

/** Puts responses into the queue. */
@Injectable()
export class BackgroundJobs extends Outbox<WaitingResponse> {
  constructor(
    private readonly queue: QueueService,
    config: Config,
  ) {
    super(config, 'background.after-row');
  }

  protected override async queued({ tenantId, id, attempts }: WaitingResponse, priority: number): Promise<void> {
    await this.queue.enqueue('response.run', { tenantId, responseId: id }, { jobId: `${id}-${attempts + 1}`, priority });
  }
}
