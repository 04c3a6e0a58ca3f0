import { Module } from '@nestjs/common';
import { UpstreamModule } from '../../platform/upstream/upstream.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { FormerSecretsRepository } from './former-secrets.repository.js';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js';
import { WebhookOutbox } from './webhook-outbox.js';
import { WebhookRotationService } from './webhook-rotation.service.js';
import { WebhookSecrets } from './webhook-secrets.js';
import { WebhooksRepository } from './webhooks.repository.js';
import { WebhooksService } from './webhooks.service.js';

/**
 * Where tenants are told of events: their webhooks, and the outbox into which the other rooms write in the transaction
 * of what happened. What sends it stands in webhook-delivery.module, for the workers.
 */
@Module({
  imports: [AuditModule, UpstreamModule],
  providers: [
    FormerSecretsRepository,
    WebhookDeliveriesRepository,
    WebhookOutbox,
    WebhookRotationService,
    WebhookSecrets,
    WebhooksRepository,
    WebhooksService,
  ],
  exports: [WebhookDeliveriesRepository, WebhookOutbox, WebhookRotationService, WebhookSecrets, WebhooksService],
})
export class WebhooksModule {}
