import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { Outbox } from '../../platform/queue/outbox.js';
import { QueueService } from '../../platform/queue/queue.service.js';
import type { WaitingRun } from './runbook-run-record.js';

/** Puts runs of runbooks into the queue. Each attempt has a job of its own: that of a dead worker is not waited for. */
@Injectable()
export class RunbookQueue extends Outbox<WaitingRun> {
  constructor(
    private readonly queue: QueueService,
    config: Config,
  ) {
    super(config, 'runbook.after-row');
  }

  protected override async queued({ tenantId, id, attempts }: WaitingRun, priority: number): Promise<void> {
    await this.queue.enqueue('runbook.run', { tenantId, runId: id }, { jobId: `${id}-${attempts}`, priority });
  }
}
