import { Prisma, type Key } from '../../platform/database/generated/client.js';
import type { Transaction } from '../../platform/database/tenant-database.js';

/** A key's row, the end of its present secret, and what its inference link holds. */
export interface KeyRow extends Readonly<Key> {
  readonly secrets: readonly { readonly lastFour: string }[];
  readonly inferenceKey: { readonly scopes: readonly string[] } | null;
}

/** What Prisma reads of a key's row, for lists. */
export const rowInclude = {
  secrets: { select: { lastFour: true }, where: { expiresAt: null }, orderBy: { createdAt: 'desc' }, take: 1 },
  inferenceKey: { select: { scopes: true } },
} as const;

/** The rows of a tenant's keys that meet a condition on `k`, in one statement: Prisma needs three, and long to make them. */
export function readKeyRows(tx: Transaction, tenantId: string, condition: Prisma.Sql): Promise<KeyRow[]> {
  return tx.$queryRaw<KeyRow[]>`
    select k.tenant_id as "tenantId", k.id, k.name, k.purpose, k.preset, k.scopes, k.agents, k.raw_models as "rawModels",
           k.datasets, k.limits, k.allowed_ips as "allowedIps", k.prompt_policy as "promptPolicy",
           k.keep_alive as "keepAlive", k.websocket, k.approval, k.state, k.expires_at as "expiresAt", k.inference_key_id as "inferenceKeyId",
           k.upload_key_id as "uploadKeyId", k.last_used_at as "lastUsedAt", k.created_at as "createdAt",
           k.updated_at as "updatedAt",
           coalesce((select json_agg(json_build_object('lastFour', s.last_four))
                       from (select last_four from key_secrets
                              where tenant_id = k.tenant_id and key_id = k.id and expires_at is null
                              order by created_at desc limit 1) s), '[]') as secrets,
           (select json_build_object('scopes', i.scopes) from keys i
             where i.tenant_id = k.tenant_id and i.id = k.inference_key_id) as "inferenceKey"
      from keys k where k.tenant_id = ${tenantId} and ${condition}`;
}
