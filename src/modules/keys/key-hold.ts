import { AppError } from '../../kernel/app-error.js';
import { idPrefixes } from '../../kernel/ids.js';
import type { Transaction } from '../../platform/database/tenant-database.js';

/**
 * Keeps a key from being deleted until the transaction ends; to be asked by whatever stores something for it. What an
 * administrator stores belongs to no key, and nothing is held then.
 * @throws AppError invalid_api_key when the key was deleted while its call was under way.
 */
export async function holdKey(tx: Transaction, tenantId: string, keyId: string): Promise<void> {
  if (!isKey(keyId)) return;
  const held = await tx.$queryRaw<{ id: string }[]>`
    select id from keys where tenant_id = ${tenantId} and id = ${keyId} for key share`;
  refuseDeleted(
    keyId,
    held.map(({ id }) => id),
  );
}

/** The same for who holds several keys at once. @param held those that stand. @throws AppError as `holdKey`. */
export function refuseDeleted(keyId: string, held: readonly string[]): void {
  if (isKey(keyId) && !held.includes(keyId)) throw new AppError('invalid_api_key', { message: 'This API key was deleted.' });
}

/** False for what stands in place of a key where an administrator stores something. */
export function isKey(id: string): boolean {
  return id.startsWith(idPrefixes.key);
}
