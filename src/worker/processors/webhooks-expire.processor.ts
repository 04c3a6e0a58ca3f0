import type { JobPayload } from '../../contracts/jobs.js';
import { WebhookSweepService } from '../../modules/webhooks/webhook-sweep.service.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Removes old deliveries that have ended, and secrets that sign no more, every hour. */
@Processes('webhooks.expire')
export class WebhooksExpireProcessor implements JobProcessor<'webhooks.expire'> {
  constructor(private readonly sweeps: WebhookSweepService) {}

  async process(_payload: JobPayload<'webhooks.expire'>, run: JobRun): Promise<void> {
    await this.sweeps.deleteEnded(run.signal);
  }
}
