import { Injectable } from '@nestjs/common';
import { eventData, type EventObject, type WebhookEvent } from '../../contracts/webhooks.js';
import { toUnixSeconds } from '../../contracts/times.js';
import { Log, redact } from '../../observability/log.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { EgressClient } from '../../platform/upstream/egress-client.js';
import { EgressError } from '../../platform/upstream/json-call.js';
import { pauseAfter } from './delivery-schedule.js';
import { signedHeaders } from './signature.js';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js';
import type { ClaimedDelivery } from './webhook-record.js';
import { WebhookSecrets } from './webhook-secrets.js';

/** For a receiver's answer, in milliseconds. A receiver that has much to do answers first. */
const answerMs = 10_000;
/** Nothing of an answer but its status is read; one beyond this counts as no answer. */
const maxAnswerBytes = 1024 * 1024;

/** Sends deliveries, at least once each: a process may die between the receiver's answer and its being written down. */
@Injectable()
export class WebhookDeliveryService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly repository: WebhookDeliveriesRepository,
    private readonly secrets: WebhookSecrets,
    private readonly egress: EgressClient,
    private readonly log: Log,
  ) {}

  /** Makes one try at a delivery, if it is due. What the receiver does is no error here: the row says what comes next. */
  async deliver(tenantId: string, id: string): Promise<void> {
    const claimed = await this.database.run(tenantId, (tx) => this.repository.claim(tx, tenantId, id));
    if (claimed === null) return;
    const status = await this.send(claimed);
    await this.database.run(tenantId, async (tx) => {
      if (status !== null && status >= 200 && status < 300) await this.repository.markDelivered(tx, claimed, status);
      else await this.repository.markTried(tx, claimed, status, pauseAfter(claimed.attempt));
    });
  }

  /** The status of the receiver's answer; null when there was none. */
  private async send(delivery: ClaimedDelivery): Promise<number | null> {
    try {
      const { origin, pathname, search } = new URL(delivery.url);
      const body = JSON.stringify(eventOf(delivery));
      const { status } = await this.egress.json({
        origin,
        path: pathname + search,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': 'GT-Webhooks/1', ...this.sign(delivery, body) },
        body: Buffer.from(body),
        maxBytes: maxAnswerBytes,
        totalMs: answerMs,
      });
      return status;
    } catch (error) {
      this.tell(delivery, error);
      return null;
    }
  }

  private sign(delivery: ClaimedDelivery, body: string): Record<string, string> {
    const { tenantId, id, webhookId, secret, formerSecrets } = delivery;
    const timestamp = Math.floor(Date.now() / 1000);
    const present = this.secrets.open(tenantId, webhookId, secret);
    const former = this.secrets.openFormer(tenantId, webhookId, formerSecrets);
    const lost = formerSecrets.length - former.length;
    if (lost > 0) this.log.warn('former secrets of a webhook do not open', { tenant_id: tenantId, webhook: webhookId, lost });
    return signedHeaders([present, ...former], { id, timestamp, body });
  }

  /** The log gets ids and a word for what went wrong, never the address. */
  private tell({ tenantId, id, webhookId, attempt }: ClaimedDelivery, error: unknown): void {
    const reason = error instanceof EgressError ? error.kind : redact(error instanceof Error ? error.message : String(error));
    this.log.warn('webhook not delivered', { tenant_id: tenantId, webhook: webhookId, delivery: id, attempt, reason });
  }
}

function eventOf({ id, event, createdAt, payload }: ClaimedDelivery): EventObject {
  const type = event as WebhookEvent;
  return { id, object: 'event', type, created_at: toUnixSeconds(createdAt), data: eventData.parse(payload) };
}
