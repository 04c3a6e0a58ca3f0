import { Injectable } from '@nestjs/common';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import type { RowPage } from '../../contracts/lists.js';
import type {
  CreateWebhookRequest,
  ListDeliveriesQuery,
  ListWebhooksQuery,
  UpdateWebhookRequest,
} from '../../contracts/webhooks.js';
import { AppError } from '../../kernel/app-error.js';
import { newId } from '../../kernel/ids.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { EgressPolicy } from '../../platform/upstream/egress-policy.js';
import { AuditWriter } from '../audit/audit-writer.js';
import { auditedFields, beforeAndAfter, type AuditedFields } from '../audit/before-and-after.js';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js';
import type { DeliveryRecord, WebhookRecord, WebhookWithSecret } from './webhook-record.js';
import { WebhookSecrets } from './webhook-secrets.js';
import { WebhooksRepository } from './webhooks.repository.js';

/** Every event is written once for each webhook that wants it, so their number is bounded. */
const maxWebhooks = 100;

const judging = { param: 'url', allowQuery: true } as const;

/** A tenant's webhooks. Addresses are judged when they are saved; a secret is shown when it is made and never again. */
@Injectable()
export class WebhooksService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly repository: WebhooksRepository,
    private readonly deliveries: WebhookDeliveriesRepository,
    private readonly secrets: WebhookSecrets,
    private readonly policy: EgressPolicy,
    private readonly audit: AuditWriter,
  ) {}

  async list({ tenantId }: Actor, query: ListWebhooksQuery): Promise<RowPage<WebhookRecord>> {
    return this.database.run(tenantId, (tx) => this.repository.list(tx, tenantId, query));
  }

  /** @throws AppError not_found. */
  async get({ tenantId }: Actor, id: string): Promise<WebhookRecord> {
    return this.database.run(tenantId, async (tx) => found(await this.repository.find(tx, tenantId, id)));
  }

  /** The newest first, unless the query says otherwise. @throws AppError not_found. */
  async listDeliveries({ tenantId }: Actor, id: string, query: ListDeliveriesQuery): Promise<RowPage<DeliveryRecord>> {
    return this.database.run(tenantId, async (tx) => {
      found(await this.repository.find(tx, tenantId, id));
      return this.deliveries.list(tx, tenantId, id, query);
    });
  }

  /** @throws AppError invalid_value for an address that may not be called, conflict when the tenant has too many. */
  async create(actor: Actor, input: CreateWebhookRequest): Promise<WebhookWithSecret> {
    const { tenantId } = actor;
    const { events, state } = input;
    const url = (await this.policy.judgeUrl(input.url, judging)).href;
    const id = newId('webhook');
    const secret = this.secrets.make();
    const sealed = this.secrets.seal(tenantId, id, secret);
    return this.database.run(tenantId, async (tx) => {
      if ((await this.repository.count(tx, tenantId)) >= maxWebhooks) {
        throw new AppError('conflict', { message: `A tenant has at most ${maxWebhooks} webhooks.` });
      }
      const webhook = await this.repository.insert(tx, tenantId, id, { url, events, state, secret: sealed });
      const changes = { url, events, state };
      await this.audit.record(tx, actor, { action: 'create', kind: 'webhook', objectId: id, changes });
      return { webhook, secret };
    });
  }

  /** @throws AppError not_found, invalid_value for an address that may not be called. */
  async update(actor: Actor, id: string, input: UpdateWebhookRequest): Promise<WebhookRecord> {
    const { tenantId } = actor;
    const url = input.url === undefined ? undefined : (await this.policy.judgeUrl(input.url, judging)).href;
    const given = { url, events: input.events, state: input.state };
    const changes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    return this.database.run(tenantId, async (tx) => {
      await this.repository.lock(tx, tenantId, id);
      const before = audited(found(await this.repository.find(tx, tenantId, id)));
      const webhook = found(await this.repository.update(tx, tenantId, id, changes));
      const changed = beforeAndAfter(before, audited(webhook));
      await this.audit.record(tx, actor, { action: 'update', kind: 'webhook', objectId: id, ...changed });
      return webhook;
    });
  }

  /** What waits to be delivered to it is dropped. @throws AppError not_found. */
  async delete(actor: Actor, id: string): Promise<void> {
    const { tenantId } = actor;
    await this.database.run(tenantId, async (tx) => {
      await this.repository.lock(tx, tenantId, id);
      const webhook = found(await this.repository.find(tx, tenantId, id));
      if (!(await this.repository.delete(tx, tenantId, id))) throw new AppError('not_found');
      const entry = { kind: 'webhook', objectId: id, changes: { url: webhook.url }, before: audited(webhook) };
      await this.audit.record(tx, actor, { action: 'delete', ...entry });
    });
  }
}

function audited(webhook: WebhookRecord): AuditedFields {
  return auditedFields(webhook, ['url', 'events', 'state']);
}

function found(webhook: WebhookRecord | null): WebhookRecord {
  if (webhook === null) throw new AppError('not_found');
  return webhook;
}
