import type { Key, Tenant } from '../../platform/database/generated/client.js';

/** The columns that decide on what a key grants, besides its links and its expiry. The types and the query follow them. */
const grantingColumns = [
  'id',
  'tenantId',
  'purpose',
  'preset',
  'scopes',
  'agents',
  'rawModels',
  'datasets',
  'limits',
  'allowedIps',
  'promptPolicy',
  'keepAlive',
  'websocket',
  'approval',
  'state',
] as const satisfies readonly (keyof Key)[];

/** A key as far as it decides on permissions, as the query below reads it. */
export interface StoredKey extends Readonly<Pick<Key, (typeof grantingColumns)[number]>> {
  /** Scopes of the tenant's own preset that the key names; null for a built-in preset and for none. */
  readonly presetScopes: readonly string[] | null;
  /** Milliseconds since 1970; null: never. */
  readonly expiresAtMs: number | null;
  /** When it was last changed, in milliseconds since 1970. */
  readonly changedAtMs: number;
}

const tenantColumns = [
  'id',
  'slug',
  'state',
  'apiEnabled',
  'routesOff',
  'requestLogDays',
  'requestBodyDays',
  'approval',
  'limits',
  'ceiling',
] as const satisfies readonly (keyof Tenant)[];

export interface StoredTenant extends Readonly<Pick<Tenant, (typeof tenantColumns)[number]>> {
  readonly hasBudgets: boolean;
  /** When it was last changed, in milliseconds since 1970. */
  readonly changedAtMs: number;
}

/** What a key, or one secret of it, leads to: the key, the keys it links, their tenant. */
export interface KeyRecord {
  /** The secret that was looked up; null when the key was read by itself. */
  readonly secretId: string | null;
  /** Milliseconds since 1970; null: never. */
  readonly secretExpiresAtMs: number | null;
  readonly key: StoredKey;
  readonly inferenceKey: StoredKey | null;
  readonly uploadKey: StoredKey | null;
  readonly tenant: StoredTenant;
}

const members = (alias: string, names: readonly string[]): string =>
  names.map((name) => `'${name}', ${alias}.${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`).join(', ');

const changedAt = (alias: string): string => `'changedAtMs', floor(extract(epoch from ${alias}.updated_at) * 1000)::float8`;

const keyJson = (alias: string): string => `json_build_object(
  ${members(alias, grantingColumns)},
  'presetScopes', (select to_json(p.scopes) from presets p where p.tenant_id = ${alias}.tenant_id and p.slug = ${alias}.preset),
  'expiresAtMs', (extract(epoch from ${alias}.expires_at) * 1000)::float8,
  ${changedAt(alias)})`;

const recordColumns = `
  ${keyJson('k')} as key,
  case when i.id is not null then ${keyJson('i')} end as "inferenceKey",
  case when u.id is not null then ${keyJson('u')} end as "uploadKey",
  json_build_object(
    ${members('t', tenantColumns)}, ${changedAt('t')},
    'hasBudgets', exists (select 1 from budgets b where b.tenant_id = t.id)) as tenant`;

const joins = `
  join tenants t on t.id = k.tenant_id
  left join keys i on i.tenant_id = k.tenant_id and i.id = k.inference_key_id
  left join keys u on u.tenant_id = k.tenant_id and u.id = k.upload_key_id`;

/** Reads records of keys by themselves; a condition on `k` follows. */
export const selectKeyRecords = `
  select null as "secretId", null as "secretExpiresAtMs", ${recordColumns} from keys k ${joins}`;

/** Reads the record behind a secret; a condition on `s` follows. */
export const selectSecretRecord = `
  select s.id as "secretId", (extract(epoch from s.expires_at) * 1000)::float8 as "secretExpiresAtMs", ${recordColumns}
    from key_secrets s join keys k on k.tenant_id = s.tenant_id and k.id = s.key_id ${joins}`;
