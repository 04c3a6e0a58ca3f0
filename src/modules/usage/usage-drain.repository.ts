import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { recordColumns, storedColumns, type CallRecord } from '../../platform/journal/call-record.js';
import { PlatformDatabase } from '../../platform/database/platform-database.js';
import { KeyTouches, type Exercise } from './key-touches.js';

const casts = {
  text: '',
  'text or null': '',
  boolean: '::boolean',
  'boolean or null': '::boolean',
  integer: '::integer',
  'integer or null': '::integer',
  'amount or null': '::bigint',
} as const;

const names = storedColumns.map(({ name }) => name).join(', ');

const given = recordColumns.map(({ name, type }, place) =>
  type === 'milliseconds'
    ? `to_timestamp((v ->> ${place})::float8 / 1000) as ${name}`
    : `(v ->> ${place})${casts[type]} as ${name}`,
);

const replaced = storedColumns
  .filter(({ name }) => name !== 'id' && name !== 'tenant_id')
  .map(({ name }) => `${name} = excluded.${name}`);

/** Of a call of which nobody knows what it took. Whoever adopts a journal takes calls that have no end for such. */
function isGuess(row: string): string {
  return `${row}.state = 'interrupted' and ${row}.source = 'none'`;
}

const lockTenants = `select 1 from tenants where id = any($1::text[]) order by id for key share`;

/**
 * Rows are written in the order of their ids and each once, so that two drains never wait for each other in a circle.
 * The tenants are locked, so that they are not deleted under the rows; calls of a tenant that is gone are left out.
 */
const insertRecords = `
  with given as materialized (select ${given.join(', ')} from jsonb_array_elements($1::jsonb) as v),
  living as (select id as living_id from tenants where id in (select tenant_id from given)),
  chosen as (
    select distinct on (tenant_id, id) ${names}, claims from given join living on living_id = tenant_id
     order by tenant_id, id, ${isGuess('given')}),
  written as (
    insert into usage (${names}) select ${names} from chosen order by tenant_id, id
    on conflict (tenant_id, id) do update set ${replaced.join(', ')}
      where ${isGuess('usage')} and not (${isGuess('excluded')})
    returning tenant_id, id, key_id, route, endpoint, created_at, state, source, total_tokens, charge, currency, xmax = 0 as is_new),
  fresh as (
    select tenant_id as "tenantId", key_id as "keyId", route, endpoint, count(*)::integer as calls,
           (extract(epoch from min(created_at)) * 1000)::float8 as "firstAtMs",
           (extract(epoch from max(created_at)) * 1000)::float8 as "lastAtMs"
      from written where is_new group by tenant_id, key_id, route, endpoint),
  claimed as (
    select tenant_id as tenant, id as call, extract(epoch from created_at) * 1000 as at, total_tokens as tokens, charge, currency,
           ${isGuess('written')} as guess, not is_new as late, claims
      from written join (select tenant_id, id, claims from chosen where claims is not null) held using (tenant_id, id))
  select (select coalesce(json_agg(fresh), '[]') from fresh) as fresh, booked.*
    from (select) one left join (
      select array_agg(distinct tenant) as counted, gt_ledger_book(jsonb_agg(claimed)) from claimed having count(*) > 0) booked on true`;

const lockKeys = `
  select 1 from keys where (tenant_id, id) in (select * from unnest($1::text[], $2::text[])) order by tenant_id, id for no key update`;

const updateLastUse = `
  update keys set last_used_at = greatest(last_used_at, at)
    from (select tenant_id as t, key_id as k, to_timestamp(max(ms) / 1000) as at
            from unnest($1::text[], $2::text[], $3::float8[]) as used (tenant_id, key_id, ms) group by 1, 2) as last
   where tenant_id = t and id = k`;

const addExercise = `
  insert into key_exercise (tenant_id, key_id, kind, value, calls, first_at, last_at)
  select e.tenant_id, e.key_id, e.kind, e.value, e.calls, to_timestamp(e.first_ms / 1000), to_timestamp(e.last_ms / 1000)
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::float8[], $7::float8[])
         as e (tenant_id, key_id, kind, value, calls, first_ms, last_ms)
    join keys on keys.tenant_id = e.tenant_id and keys.id = e.key_id
   order by e.tenant_id, e.key_id, e.kind, e.value
  on conflict (tenant_id, key_id, kind, value) do update set calls = key_exercise.calls + excluded.calls,
    first_at = least(key_exercise.first_at, excluded.first_at), last_at = greatest(key_exercise.last_at, excluded.last_at)`;

interface FreshCalls {
  readonly tenantId: string;
  readonly keyId: string;
  readonly route: string;
  readonly endpoint: string;
  readonly calls: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

interface WrittenCalls {
  readonly fresh: FreshCalls[];
  /** The tenants whose budgets counted some of the calls; null: none. */
  readonly counted: string[] | null;
}

/** Carries the journal's records of all tenants into the database. */
@Injectable()
export class UsageDrainRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /**
   * Writes records and what keys used besides, all or nothing. Writing a record again changes nothing, except that a
   * real end replaces what an adopter had guessed as `interrupted`, in whichever order they come. What is written stands in the
   * ledger too, where budgets count it. Only records that are new count as exercise of their key; the last use of a key never
   * goes back.
   * @returns the tenants whose budgets have counted some of it.
   */
  async write(records: readonly CallRecord[], touches: readonly Exercise[]): Promise<readonly string[]> {
    if (records.length === 0 && touches.length === 0) return [];
    return this.database.runSql(async (client) => {
      await lockOwners(client, records, touches);
      const exercise = new KeyTouches();
      for (const touch of touches) exercise.merge({ ...touch });
      const { fresh, counted } = await insert(client, records);
      for (const calls of fresh) {
        exercise.merge({ ...calls, kind: 'route', value: calls.route });
        exercise.merge({ ...calls, kind: 'endpoint', value: calls.endpoint });
      }
      await writeExercise(client, exercise.take());
      return counted ?? [];
    });
  }
}

/**
 * Whoever changes tenants and keys may hold them for long. That is waited for before anything of a budget is locked, for which all
 * of its calls would have to wait.
 */
async function lockOwners(client: pg.PoolClient, records: readonly CallRecord[], touches: readonly Exercise[]): Promise<void> {
  const owners = new Map(touches.map(({ tenantId, keyId }) => [`${tenantId} ${keyId}`, { tenantId, keyId }]));
  for (const record of records) {
    const [, tenantId = '', keyId = ''] = JSON.parse(record) as string[];
    owners.set(`${tenantId} ${keyId}`, { tenantId, keyId });
  }
  const tenants = [...owners.values()].map(({ tenantId }) => tenantId);
  await client.query(lockTenants, [[...new Set(tenants)]]);
  await client.query(lockKeys, [tenants, [...owners.values()].map(({ keyId }) => keyId)]);
}

const nothing: WrittenCalls = { fresh: [], counted: null };

async function insert(client: pg.PoolClient, records: readonly CallRecord[]): Promise<WrittenCalls> {
  if (records.length === 0) return nothing;
  const { rows } = await client.query<WrittenCalls>(insertRecords, [`[${records.join(',')}]`]);
  return rows[0] ?? nothing;
}

async function writeExercise(client: pg.PoolClient, exercise: readonly Exercise[]): Promise<void> {
  if (exercise.length === 0) return;
  const tenants = exercise.map((one) => one.tenantId);
  const keys = exercise.map((one) => one.keyId);
  const last = exercise.map((one) => one.lastAtMs);
  await client.query(updateLastUse, [tenants, keys, last]);
  await client.query(addExercise, [
    tenants,
    keys,
    exercise.map((one) => one.kind),
    exercise.map((one) => one.value),
    exercise.map((one) => one.calls),
    exercise.map((one) => one.firstAtMs),
    last,
  ]);
}
