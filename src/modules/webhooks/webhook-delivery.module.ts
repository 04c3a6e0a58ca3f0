import { Module } from '@nestjs/common';
import { QueueModule } from '../../platform/queue/queue.module.js';
import { UpstreamModule } from '../../platform/upstream/upstream.module.js';
import { WebhookDeliveryService } from './webhook-delivery.service.js';
import { WebhookSweepRepository } from './webhook-sweep.repository.js';
import { WebhookSweepService } from './webhook-sweep.service.js';
import { WebhooksModule } from './webhooks.module.js';

/**
 * What the workers do with the outbox: webhook-sweep queues what is due, webhook-delivery sends it. The rows say when and
 * how often; a job that comes too early or twice finds nothing to do.
 */
@Module({
  imports: [QueueModule, UpstreamModule, WebhooksModule],
  providers: [WebhookDeliveryService, WebhookSweepRepository, WebhookSweepService],
  exports: [WebhookDeliveryService, WebhookSweepService],
})
export class WebhookDeliveryModule {}
