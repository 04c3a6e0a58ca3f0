import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';

/** A key's own columns that decide on its permissions. */
export interface StoredKey {
  readonly id: string;
  readonly tenantId: string;
  readonly purpose: string;
  readonly preset: string | null;
  readonly presetScopes: readonly string[] | null;
  readonly scopes: readonly string[];
  readonly agents: readonly string[];
  readonly rawModels: readonly string[];
  readonly datasets: readonly string[];
  readonly limits: unknown;
  readonly allowedIps: readonly string[];
  readonly promptPolicy: unknown;
  readonly keepAlive: string;
  readonly state: string;
  readonly expiresAtMs: number | null;
}

export interface StoredTenant {
  readonly id: string;
  readonly slug: string;
  readonly state: string;
  readonly apiEnabled: boolean;
  readonly routesOff: readonly string[];
}

/** What one secret leads to: its key, the keys it links, their tenant. */
export interface KeyRecord {
  readonly secretExpiresAtMs: number | null;
  readonly key: StoredKey;
  readonly inferenceKey: StoredKey | null;
  readonly uploadKey: StoredKey | null;
  readonly tenant: StoredTenant;
}

const keyJson = (alias: string) => `json_build_object(
  'id', ${alias}.id, 'tenantId', ${alias}.tenant_id, 'purpose', ${alias}.purpose, 'preset', ${alias}.preset,
  'presetScopes', (select to_json(p.scopes) from presets p where p.tenant_id = ${alias}.tenant_id and p.slug = ${alias}.preset),
  'scopes', ${alias}.scopes, 'agents', ${alias}.agents, 'rawModels', ${alias}.raw_models, 'datasets', ${alias}.datasets,
  'limits', ${alias}.limits, 'allowedIps', ${alias}.allowed_ips, 'promptPolicy', ${alias}.prompt_policy,
  'keepAlive', ${alias}.keep_alive, 'state', ${alias}.state,
  'expiresAtMs', (extract(epoch from ${alias}.expires_at) * 1000)::float8)`;

/** What decides on a key's permissions, in one row: for queries from `keys k` with the joins below. */
export const keyRecordColumns = `
  ${keyJson('k')} as key,
  case when i.id is not null then ${keyJson('i')} end as "inferenceKey",
  case when u.id is not null then ${keyJson('u')} end as "uploadKey",
  json_build_object('id', t.id, 'slug', t.slug, 'state', t.state, 'apiEnabled', t.api_enabled, 'routesOff', t.routes_off) as tenant`;

export const keyRecordJoins = `
  join tenants t on t.id = k.tenant_id
  left join keys i on i.tenant_id = k.tenant_id and i.id = k.inference_key_id
  left join keys u on u.tenant_id = k.tenant_id and u.id = k.upload_key_id`;

/** Finds whose key a secret is. Runs for the platform: which tenant it is, is what the look-up finds. */
@Injectable()
export class KeyLookupRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** The record behind a secret's hash. A secret that a rotation has ended counts as unknown. */
  async findByHash(hash: string): Promise<KeyRecord | undefined> {
    return this.database.runSql(async (client) => {
      const { rows } = await client.query<KeyRecord>(
        `select (extract(epoch from s.expires_at) * 1000)::float8 as "secretExpiresAtMs", ${keyRecordColumns}
           from key_secrets s join keys k on k.tenant_id = s.tenant_id and k.id = s.key_id ${keyRecordJoins}
          where s.hash = $1`,
        [hash],
      );
      return rows[0];
    });
  }

  /** The record of a key by its id, for `explain` and for keys that are not being used. */
  async findById(tenantId: string, keyId: string): Promise<KeyRecord | undefined> {
    return this.database.runSql(async (client) => {
      const { rows } = await client.query<KeyRecord>(
        `select null as "secretExpiresAtMs", ${keyRecordColumns} from keys k ${keyRecordJoins} where k.tenant_id = $1 and k.id = $2`,
        [tenantId, keyId],
      );
      return rows[0];
    });
  }
}
