import { Injectable } from '@nestjs/common';
import { QueueService } from '../../platform/queue/queue.service.js';
import { WebhookSweepRepository } from './webhook-sweep.repository.js';

const batch = 300;
const keptDays = 30;
const deletedAtOnce = 5_000;

/** Sees to it that deliveries are sent when their time has come. The rows are the outbox, the jobs only hints. */
@Injectable()
export class WebhookSweepService {
  constructor(
    private readonly repository: WebhookSweepRepository,
    private readonly queue: QueueService,
  ) {}

  /** Queues the deliveries that are due; one that has its job already gets no second. @throws QueueUnavailableError. */
  async enqueueDue(signal: AbortSignal): Promise<void> {
    for (const { tenantId, id, attempts, place } of await this.repository.findDue(batch)) {
      if (signal.aborted) return;
      const options = { jobId: `${id}-${attempts + 1}`, priority: place };
      await this.queue.enqueue('webhooks.deliver', { tenantId, deliveryId: id }, options);
    }
  }

  /** Deletes the deliveries that ended and whose events are older than 30 days, and former secrets that sign no more. */
  async deleteEnded(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && (await this.repository.deleteEnded(keptDays, deletedAtOnce)) === deletedAtOnce);
    while (!signal.aborted && (await this.repository.deleteEndedSecrets(deletedAtOnce)) === deletedAtOnce);
  }
}
