import { Injectable } from '@nestjs/common';
import { newId } from '../../kernel/ids.js';
import { Prisma } from '../../platform/database/generated/client.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { readKeyRows, type KeyRow } from './key-row.js';
import type { KeyFields, NewKey } from './keys.repository.js';

/** A key that is to be changed, with all its fields as they are then. */
export interface ChangedFields {
  readonly id: string;
  readonly fields: KeyFields;
}

/**
 * Statements about many keys of a tenant at once. The rows go to Postgres as one JSON text: Prisma's own statement for so
 * many rows is built value by value, and holds the event loop for longer than all the rest takes.
 */
@Injectable()
export class KeyBatchesRepository {
  /** Makes keys and answers their ids in the same order. */
  async create(tx: Transaction, tenantId: string, given: readonly NewKey[]): Promise<string[]> {
    // All are of one moment: lists show them in the order of their ids, which is to be the given one.
    const ids = given.map(() => newId('key')).sort();
    const rows = given.map((key, at) => ({
      ...columns(ids[at] ?? '', key),
      purpose: key.purpose,
      preset: key.preset,
      state: key.state,
    }));
    await tx.$executeRaw`
      insert into keys (tenant_id, id, purpose, preset, state, name, limits, keep_alive, websocket, expires_at,
                        inference_key_id, upload_key_id, scopes, agents, raw_models, datasets, allowed_ips, approval, prompt_policy, created_at, updated_at)
      select ${tenantId}, id, purpose, preset, state, name, limits, keep_alive, websocket, expires_at,
             inference_key_id, upload_key_id, scopes, agents, raw_models, datasets, allowed_ips, approval, prompt_policy, moment, moment
        from clock_timestamp() as moment, jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as given
          (id text, purpose text, preset text, state text, name text, limits jsonb, keep_alive text, websocket boolean,
           expires_at timestamptz, inference_key_id text, upload_key_id text, scopes text[], agents text[], raw_models text[], datasets text[],
           allowed_ips text[], approval text[], prompt_policy jsonb)`;
    return ids;
  }

  /** Makes every other change of these keys wait until the transaction ends, and answers them as they are then, by id. */
  async lock(tx: Transaction, tenantId: string, ids: readonly string[]): Promise<ReadonlyMap<string, KeyRow>> {
    await tx.$queryRaw`select id from keys where tenant_id = ${tenantId} and id = any(${[...ids]}) order by id for update`;
    const rows = await readKeyRows(tx, tenantId, Prisma.sql`k.id = any(${[...ids]})`);
    return new Map(rows.map((row) => [row.id, row]));
  }

  async update(tx: Transaction, tenantId: string, changes: readonly ChangedFields[]): Promise<void> {
    const rows = JSON.stringify(changes.map(({ id, fields }) => columns(id, fields)));
    await tx.$executeRaw`
      update keys k
         set name = given.name, limits = given.limits, keep_alive = given.keep_alive, websocket = given.websocket,
             expires_at = given.expires_at, inference_key_id = given.inference_key_id, upload_key_id = given.upload_key_id, scopes = given.scopes,
             agents = given.agents, raw_models = given.raw_models, datasets = given.datasets,
             allowed_ips = given.allowed_ips, approval = given.approval, prompt_policy = given.prompt_policy, updated_at = clock_timestamp()
        from jsonb_to_recordset(${rows}::jsonb) as given
          (id text, name text, limits jsonb, keep_alive text, websocket boolean, expires_at timestamptz, inference_key_id text,
           upload_key_id text, scopes text[], agents text[], raw_models text[], datasets text[], allowed_ips text[],
           approval text[], prompt_policy jsonb)
       where k.tenant_id = ${tenantId} and k.id = given.id`;
  }

  async setState(tx: Transaction, tenantId: string, ids: readonly string[], state: 'active' | 'disabled'): Promise<void> {
    await tx.$executeRaw`
      update keys set state = ${state}, updated_at = clock_timestamp() where tenant_id = ${tenantId} and id = any(${[...ids]})`;
  }

  /** Removes keys, also such as link one another. */
  async delete(tx: Transaction, tenantId: string, ids: readonly string[]): Promise<void> {
    await tx.$executeRaw`delete from keys where tenant_id = ${tenantId} and id = any(${[...ids]})`;
  }

  /** Names of the other keys that link these, by the id of the linked one. */
  async linkingOthers(
    tx: Transaction,
    tenantId: string,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, readonly string[]>> {
    const given = [...ids];
    const rows = await tx.$queryRaw<{ id: string; names: string[] }[]>`
      select linked as id, array_agg(name order by name) as names
        from (select inference_key_id as linked, id, name from keys
               where tenant_id = ${tenantId} and inference_key_id = any(${given})
              union
              select upload_key_id, id, name from keys where tenant_id = ${tenantId} and upload_key_id = any(${given})) linking
       where id <> all(${given}) group by linked`;
    return new Map(rows.map(({ id, names }) => [id, names]));
  }
}

/** The columns that may be set, by their names in the table. */
function columns(id: string, given: KeyFields) {
  return {
    id,
    name: given.name,
    limits: given.limits,
    keep_alive: given.keepAlive,
    websocket: given.websocket,
    expires_at: given.expiresAt,
    inference_key_id: given.inferenceKeyId,
    upload_key_id: given.uploadKeyId,
    scopes: given.scopes,
    agents: given.agents,
    raw_models: given.rawModels,
    datasets: given.datasets,
    allowed_ips: given.allowedIps,
    approval: given.approval,
    prompt_policy: given.promptPolicy,
  };
}
