import type { JobPayload } from '../../contracts/jobs.js';
import { WebhookSweepService } from '../../modules/webhooks/webhook-sweep.service.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Queues the deliveries that are due, every five seconds. */
@Processes('webhooks.sweep')
export class WebhooksSweepProcessor implements JobProcessor<'webhooks.sweep'> {
  constructor(private readonly sweeps: WebhookSweepService) {}

  async process(_payload: JobPayload<'webhooks.sweep'>, run: JobRun): Promise<void> {
    await this.sweeps.enqueueDue(run.signal);
  }
}
