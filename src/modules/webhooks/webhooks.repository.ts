import { Injectable } from '@nestjs/common';
import type { RowPage } from '../../contracts/lists.js';
import type { ListWebhooksQuery, WebhookEvent } from '../../contracts/webhooks.js';
import { readPage } from '../../platform/database/cursor.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { WebhookRecord } from './webhook-record.js';

/** What a webhook is shown with: its tenant, and the former secret that signs longest. */
function shown() {
  return {
    tenant: { select: { slug: true } },
    formerSecrets: {
      select: { expiresAt: true },
      where: { expiresAt: { gt: new Date() } },
      orderBy: { expiresAt: 'desc' },
      take: 1,
    },
  } as const;
}

export interface WebhookValues {
  readonly url: string;
  readonly events: string[];
  readonly state: string;
  readonly secret: Uint8Array<ArrayBuffer>;
}

/** The rows of a tenant's webhooks. */
@Injectable()
export class WebhooksRepository {
  async list(tx: Transaction, tenantId: string, query: ListWebhooksQuery): Promise<RowPage<WebhookRecord>> {
    const filter = { tenantId, url: query.url, state: query.state };
    return readPage(query, {
      find: (id) => tx.webhook.findFirst({ where: { tenantId, id } }),
      list: (page) =>
        tx.webhook.findMany({
          where: { ...filter, ...page.where },
          include: shown(),
          orderBy: page.orderBy,
          take: page.take,
        }),
    });
  }

  async find(tx: Transaction, tenantId: string, id: string): Promise<WebhookRecord | null> {
    return tx.webhook.findFirst({ where: { tenantId, id }, include: shown() });
  }

  /** Makes others wait who change its secrets until this transaction ends. */
  async lock(tx: Transaction, tenantId: string, id: string): Promise<void> {
    await tx.$queryRaw`select id from webhooks where tenant_id = ${tenantId} and id = ${id} for update`;
  }

  async count(tx: Transaction, tenantId: string): Promise<number> {
    return tx.webhook.count({ where: { tenantId } });
  }

  /** Ids of the webhooks that are to be told of this event. */
  async subscribedTo(tx: Transaction, tenantId: string, event: WebhookEvent): Promise<string[]> {
    const rows = await tx.webhook.findMany({
      where: { tenantId, state: 'active', events: { has: event } },
      select: { id: true },
    });
    return rows.map(({ id }) => id);
  }

  async insert(tx: Transaction, tenantId: string, id: string, values: WebhookValues): Promise<WebhookRecord> {
    return tx.webhook.create({ data: { tenantId, id, ...values }, include: shown() });
  }

  /** @returns null when there is none. */
  async update(tx: Transaction, tenantId: string, id: string, values: Partial<WebhookValues>): Promise<WebhookRecord | null> {
    const { count } = await tx.webhook.updateMany({ where: { tenantId, id }, data: values });
    return count === 0 ? null : this.find(tx, tenantId, id);
  }

  /** Its deliveries go with it. @returns false when there was none. */
  async delete(tx: Transaction, tenantId: string, id: string): Promise<boolean> {
    return (await tx.webhook.deleteMany({ where: { tenantId, id } })).count > 0;
  }
}
