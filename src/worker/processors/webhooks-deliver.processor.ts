import type { JobPayload } from '../../contracts/jobs.js';
import { WebhookDeliveryService } from '../../modules/webhooks/webhook-delivery.service.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Makes one try at a delivery. */
@Processes('webhooks.deliver')
export class WebhooksDeliverProcessor implements JobProcessor<'webhooks.deliver'> {
  constructor(private readonly deliveries: WebhookDeliveryService) {}

  async process({ tenantId, deliveryId }: JobPayload<'webhooks.deliver'>): Promise<void> {
    await this.deliveries.deliver(tenantId, deliveryId);
  }
}
