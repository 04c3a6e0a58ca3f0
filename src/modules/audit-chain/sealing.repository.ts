import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { PlatformDatabase } from '../../platform/database/platform-database.js';
import { chainHash, chainStart } from './chain-hash.js';
import { chainName, rowAsJson, rowsOf, type Chain } from './chain.js';

interface UnsealedRow {
  readonly id: string;
  readonly row: Record<string, unknown>;
}

const waiting = `
  (select tenant_id as "tenantId" from audit where seq is null group by tenant_id limit $1)
  union all
  (select null where exists (select from operator_audit where seq is null))`;

/** Nobody deletes the tenant meanwhile: a deletion takes rows and chain in another order. */
const hold = 'select from tenants where id = $1 for key share';

const begin = `
  insert into audit_chains (name, tenant_id, seq, hash, sealed_at, anchored_seq, anchor_due_at)
  values ($1, $2, 0, $3, now(), 0, 'epoch') on conflict do nothing`;

/** Whoever finds the chain held leaves it to the one that holds it. */
const take = 'select seq::float8 as seq, hash from audit_chains where name = $1 for update skip locked';

const end = 'update audit_chains set seq = $2, hash = $3, sealed_at = now() where name = $1';

/** Gives committed rows of the audit their place in their chain. */
@Injectable()
export class SealingRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** Chains that have rows to seal, at most `limit` of tenants. */
  async waiting(limit: number): Promise<Chain[]> {
    return this.database.runSql(async (client) => (await client.query<Chain>(waiting, [limit])).rows);
  }

  /**
   * Seals up to `limit` rows of a chain, the oldest first, in one transaction; returns how many. A row gets the next number
   * when it is seen, so that a row that is committed late comes after those that were sealed before it, and numbers have no
   * gap.
   */
  async seal(chain: Chain, limit: number): Promise<number> {
    return this.database.runSql(async (client) => {
      const name = chainName(chain);
      if (chain.tenantId !== null && (await client.query(hold, [chain.tenantId])).rowCount === 0) return 0;
      await client.query(begin, [name, chain.tenantId, chainStart]);
      const [head] = (await client.query<{ seq: number; hash: Buffer }>(take, [name])).rows;
      if (head === undefined) return 0;
      const rows = await unsealed(client, chain, limit);
      if (rows.length === 0) return 0;
      let { hash } = head;
      const hashes = rows.map(({ row }, at) => {
        hash = chainHash(hash, row, head.seq + at + 1);
        return hash.toString('hex');
      });
      const ids = rows.map(({ id }) => id);
      await write(client, chain, head.seq, ids, hashes);
      await client.query(end, [name, head.seq + rows.length, hash]);
      return rows.length;
    });
  }
}

async function unsealed(client: pg.PoolClient, chain: Chain, limit: number): Promise<UnsealedRow[]> {
  const { table, where } = rowsOf(chain);
  // The rows first: JSON is made of these alone.
  const oldest = `select a.* from ${table} a where ${where} and a.seq is null order by a.created_at, a.id limit $2`;
  const sql = `select a.id, ${rowAsJson} as row from (${oldest}) a order by a.created_at, a.id`;
  return (await client.query<UnsealedRow>(sql, [chainName(chain), limit])).rows;
}

/** Rows are named by their ids alone, so that no plan looks at the others of the tenant. @param before the number before the first. */
async function write(
  client: pg.PoolClient,
  chain: Chain,
  before: number,
  ids: readonly string[],
  hashes: readonly string[],
): Promise<void> {
  const { table, where } = rowsOf(chain);
  const sql = `
    update ${table} a
       set seq = $2::bigint + array_position($3::text[], a.id), hash = decode(($4::text[])[array_position($3::text[], a.id)], 'hex')
     where ${where} and a.id = any($3::text[])`;
  await client.query(sql, [chainName(chain), before, ids, hashes]);
}
