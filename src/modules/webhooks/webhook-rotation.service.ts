import { Injectable } from '@nestjs/common';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { AppError } from '../../kernel/app-error.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import { AuditWriter } from '../audit/audit-writer.js';
import { FormerSecretsRepository } from './former-secrets.repository.js';
import type { WebhookRecord, WebhookWithSecret } from './webhook-record.js';
import { WebhookSecrets } from './webhook-secrets.js';
import { WebhooksRepository } from './webhooks.repository.js';

/** Each former secret is one more signature in the header of every delivery, so their number is bounded. */
const maxFormerSecrets = 4;

/** Gives webhooks new secrets. */
@Injectable()
export class WebhookRotationService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly webhooks: WebhooksRepository,
    private readonly former: FormerSecretsRepository,
    private readonly secrets: WebhookSecrets,
    private readonly audit: AuditWriter,
  ) {}

  /**
   * Deliveries are signed with the new secret from the next try on, and for `overlapSeconds` with all the former ones
   * beside it: a rotation whose answer was lost is made again without a receiver that misses anything. With 0 the former
   * ones end with this transaction.
   * @throws AppError not_found, conflict when too many former secrets still sign.
   */
  async rotate(actor: Actor, id: string, overlapSeconds: number): Promise<WebhookWithSecret> {
    const { tenantId } = actor;
    const secret = this.secrets.make();
    const sealed = this.secrets.seal(tenantId, id, secret);
    return this.database.run(tenantId, async (tx) => {
      await this.webhooks.lock(tx, tenantId, id);
      const before = await this.webhooks.find(tx, tenantId, id);
      if (before === null) throw new AppError('not_found');
      await this.retire(tx, before, overlapSeconds);
      const webhook = await this.webhooks.update(tx, tenantId, id, { secret: sealed });
      if (webhook === null) throw new AppError('not_found');
      const changes = { overlap_seconds: overlapSeconds, secret: 'set' };
      const entry = { kind: 'webhook', objectId: id, changes, before: { secret: 'set' } };
      await this.audit.record(tx, actor, { action: 'rotate', ...entry });
      return { webhook, secret };
    });
  }

  private async retire(tx: Transaction, { tenantId, id, secret }: WebhookRecord, overlapSeconds: number): Promise<void> {
    const now = new Date();
    const end = new Date(now.getTime() + overlapSeconds * 1000);
    const remaining = await this.former.endAt(tx, tenantId, id, end, now);
    if (overlapSeconds === 0) return;
    if (remaining >= maxFormerSecrets) {
      throw new AppError('conflict', {
        param: 'overlap_seconds',
        message: `This webhook has ${remaining} former secrets that still sign. Wait until one ends, or rotate with overlap_seconds 0, which ends them all.`,
      });
    }
    await this.former.insert(tx, tenantId, id, new Uint8Array(secret), end);
  }
}
