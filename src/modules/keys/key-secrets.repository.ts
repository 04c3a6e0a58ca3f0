import { Injectable } from '@nestjs/common';
import { credentialHash, newCredential } from '../../kernel/credentials.js';
import { newId } from '../../kernel/ids.js';
import type { Transaction } from '../../platform/database/tenant-database.js';

/** The secrets of keys, kept as their SHA-256. The text of a secret exists once: as the answer to its creation. */
@Injectable()
export class KeySecretsRepository {
  /** Gives the key a new secret and answers its text. */
  async issue(tx: Transaction, tenantId: string, keyId: string): Promise<string> {
    const secret = newCredential('gtak_');
    await tx.keySecret.create({
      data: { tenantId, id: newId('keySecret'), keyId, hash: credentialHash(secret), lastFour: secret.slice(-4) },
    });
    return secret;
  }

  /** Gives each key its secret in one statement, and answers their texts in the same order. */
  async issueMany(tx: Transaction, tenantId: string, keyIds: readonly string[]): Promise<string[]> {
    const secrets = keyIds.map(() => newCredential('gtak_'));
    const rows = secrets.map((secret, at) => ({
      id: newId('keySecret'),
      key_id: keyIds[at] ?? '',
      hash: credentialHash(secret),
      last_four: secret.slice(-4),
    }));
    await tx.$executeRaw`
      insert into key_secrets (tenant_id, id, key_id, hash, last_four, created_at)
      select ${tenantId}, id, key_id, hash, last_four, clock_timestamp()
        from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as given (id text, key_id text, hash text, last_four text)`;
    return secrets;
  }

  /** Ends all secrets of the key at this moment; those that are to end sooner still do. Ended ones are removed. */
  async endAt(tx: Transaction, tenantId: string, keyId: string, end: Date, now: Date): Promise<void> {
    await tx.keySecret.deleteMany({ where: { tenantId, keyId, ...(end <= now ? {} : { expiresAt: { lte: now } }) } });
    await tx.keySecret.updateMany({
      where: { tenantId, keyId, OR: [{ expiresAt: null }, { expiresAt: { gt: end } }] },
      data: { expiresAt: end },
    });
  }
}
