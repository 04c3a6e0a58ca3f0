import { AppError } from '../../kernel/app-error.js';
import { idPrefixes } from '../../kernel/ids.js';
import type { Transaction } from '../../platform/database/tenant-database.js';

/**
 * Keeps a key from being deleted until the transaction ends; to be asked by whatever stores something for it. What an
 * administrator stores belongs to no key, and nothing is held then.
 * @throws AppError invalid_api_key when the key was deleted while its call was under way.
 */
export async function holdKey(tx: Transaction, tenantId: string, keyId: string): Promise<void> {
  if (!keyId.startsWith(idPrefixes.key)) return;
  const held = await tx.$queryRaw<unknown[]>`
    select 1 from keys where tenant_id = ${tenantId} and id = ${keyId} for key share`;
  if (held.length === 0) throw new AppError('invalid_api_key', { message: 'This API key was deleted.' });
}
