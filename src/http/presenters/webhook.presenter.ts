import { secondsOrNull, toUnixSeconds } from '../../contracts/times.js';
import {
  eventData,
  type DeliveryObject,
  type DeliveryState,
  type WebhookEvent,
  type WebhookObject,
  type WebhookState,
  type WebhookWithSecretObject,
} from '../../contracts/webhooks.js';
import type { DeliveryRecord, WebhookRecord, WebhookWithSecret } from '../../modules/webhooks/webhook-record.js';

/** A webhook without its secret. */
export function presentWebhook(webhook: WebhookRecord): WebhookObject {
  const [former] = webhook.formerSecrets;
  return {
    object: 'webhook',
    id: webhook.id,
    tenant: webhook.tenant.slug,
    url: webhook.url,
    events: webhook.events as WebhookEvent[],
    state: webhook.state as WebhookState,
    overlap_ends_at: former === undefined ? null : toUnixSeconds(former.expiresAt),
    created_at: toUnixSeconds(webhook.createdAt),
  };
}

/** A webhook whose secret was just made. */
export function presentWebhookWithSecret({ webhook, secret }: WebhookWithSecret): WebhookWithSecretObject {
  return { ...presentWebhook(webhook), secret };
}

/** How far the telling of one event has come. */
export function presentDelivery(delivery: DeliveryRecord): DeliveryObject {
  return {
    object: 'webhook_delivery',
    id: delivery.id,
    webhook: delivery.webhookId,
    type: delivery.event as WebhookEvent,
    state: delivery.state as DeliveryState,
    attempts: delivery.attempts,
    last_status: delivery.lastStatus,
    next_attempt_at: secondsOrNull(delivery.nextAttemptAt),
    created_at: toUnixSeconds(delivery.createdAt),
    data: eventData.parse(delivery.payload),
  };
}
