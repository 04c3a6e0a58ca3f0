import { Injectable } from '@nestjs/common';
import type { EventData, WebhookEvent } from '../../contracts/webhooks.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js';
import { WebhooksRepository } from './webhooks.repository.js';

/** Where the rest of the platform says that something has happened. */
@Injectable()
export class WebhookOutbox {
  constructor(
    private readonly webhooks: WebhooksRepository,
    private readonly deliveries: WebhookDeliveriesRepository,
  ) {}

  /**
   * Records an event for every webhook that asked for it, in the transaction of what happened: neither is ever there
   * without the other, whatever crashes. The workers send it within seconds of the commit.
   * @param data is asked for what to tell only where somebody is to be told.
   */
  async record(tx: Transaction, tenantId: string, event: WebhookEvent, data: () => Promise<EventData | null>): Promise<void> {
    const subscribed = await this.webhooks.subscribedTo(tx, tenantId, event);
    if (subscribed.length === 0) return;
    const payload = await data();
    if (payload !== null) await this.deliveries.insert(tx, tenantId, subscribed, event, payload);
  }
}
