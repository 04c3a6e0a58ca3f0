import { Injectable } from '@nestjs/common';
import { newId } from '../../kernel/ids.js';
import type { Transaction } from '../../platform/database/tenant-database.js';

/** Secrets of webhooks that a rotation replaced, sealed as they were while they were the only ones. */
@Injectable()
export class FormerSecretsRepository {
  async insert(
    tx: Transaction,
    tenantId: string,
    webhookId: string,
    secret: Uint8Array<ArrayBuffer>,
    expiresAt: Date,
  ): Promise<void> {
    await tx.webhookFormerSecret.create({ data: { tenantId, id: newId('webhookSecret'), webhookId, secret, expiresAt } });
  }

  /** Ends all of them at this moment; those that are to end sooner still do. Ended ones are removed. @returns how many go on. */
  async endAt(tx: Transaction, tenantId: string, webhookId: string, end: Date, now: Date): Promise<number> {
    const ended = end <= now ? {} : { expiresAt: { lte: now } };
    await tx.webhookFormerSecret.deleteMany({ where: { tenantId, webhookId, ...ended } });
    await tx.webhookFormerSecret.updateMany({ where: { tenantId, webhookId, expiresAt: { gt: end } }, data: { expiresAt: end } });
    return tx.webhookFormerSecret.count({ where: { tenantId, webhookId } });
  }
}
