import { Injectable } from '@nestjs/common';
import type { RowPage } from '../../contracts/lists.js';
import type { EventData, ListDeliveriesQuery, WebhookEvent } from '../../contracts/webhooks.js';
import { newId } from '../../kernel/ids.js';
import { readPage } from '../../platform/database/cursor.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { ClaimedDelivery, DeliveryRecord } from './webhook-record.js';

/** How long a try has its delivery to itself. Longer than any try takes, so that only a dead one is overtaken. */
const leaseSeconds = 45;

/** The deliveries of a tenant: the outbox. */
@Injectable()
export class WebhookDeliveriesRepository {
  /** Records the event for each of the webhooks, due at once. */
  async insert(
    tx: Transaction,
    tenantId: string,
    webhookIds: readonly string[],
    event: WebhookEvent,
    payload: EventData,
  ): Promise<void> {
    const nextAttemptAt = new Date();
    await tx.webhookDelivery.createMany({
      data: webhookIds.map((webhookId) => ({
        tenantId,
        id: newId('webhookDelivery'),
        webhookId,
        event,
        payload,
        nextAttemptAt,
      })),
    });
  }

  async list(tx: Transaction, tenantId: string, webhookId: string, query: ListDeliveriesQuery): Promise<RowPage<DeliveryRecord>> {
    const filter = { tenantId, webhookId, event: query.type, state: query.state };
    return readPage(query, {
      find: (id) => tx.webhookDelivery.findFirst({ where: { tenantId, webhookId, id } }),
      list: (page) =>
        tx.webhookDelivery.findMany({ where: { ...filter, ...page.where }, orderBy: page.orderBy, take: page.take }),
    });
  }

  /**
   * Takes a delivery that is due for one try; null when it is not: it has ended, another try has it, its webhook is
   * disabled, or the tenant is not active. Of two who ask at once, one gets it.
   */
  async claim(tx: Transaction, tenantId: string, id: string): Promise<ClaimedDelivery | null> {
    const rows = await tx.$queryRaw<ClaimedDelivery[]>`
      update webhook_deliveries d
         set attempts = d.attempts + 1, next_attempt_at = now() + make_interval(secs => ${leaseSeconds})
        from webhooks w join tenants t on t.id = w.tenant_id
       where d.tenant_id = ${tenantId} and d.id = ${id} and d.state = 'pending' and d.next_attempt_at <= now()
         and w.tenant_id = d.tenant_id and w.id = d.webhook_id and w.state = 'active' and t.state = 'active'
      returning d.tenant_id as "tenantId", d.id, d.webhook_id as "webhookId", d.event, d.payload, d.attempts as attempt,
                d.created_at as "createdAt", w.url, w.secret,
                array(select f.secret from webhook_former_secrets f
                       where f.tenant_id = w.tenant_id and f.webhook_id = w.id and f.expires_at > now()
                       order by f.created_at desc) as "formerSecrets"`;
    return rows[0] ?? null;
  }

  async markDelivered(tx: Transaction, { tenantId, id, attempt }: ClaimedDelivery, status: number): Promise<void> {
    await tx.webhookDelivery.updateMany({
      where: { tenantId, id, attempts: attempt, state: 'pending' },
      data: { state: 'delivered', lastStatus: status, nextAttemptAt: null },
    });
  }

  /** Ends this try without success. @param pauseMs until the next one; null when it was the last. */
  async markTried(
    tx: Transaction,
    { tenantId, id, attempt }: ClaimedDelivery,
    status: number | null,
    pauseMs: number | null,
  ): Promise<void> {
    const state = pauseMs === null ? 'failed' : 'pending';
    await tx.$executeRaw`
      update webhook_deliveries
         set state = ${state}, last_status = ${status}, next_attempt_at = now() + make_interval(secs => ${pauseMs === null ? null : pauseMs / 1000}::float8)
       where tenant_id = ${tenantId} and id = ${id} and attempts = ${attempt} and state = 'pending'`;
  }
}
