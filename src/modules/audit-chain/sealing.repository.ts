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
      let { seq, hash } = head;
      const seals = rows.map(({ id, row }) => {
        seq += 1;
        hash = chainHash(hash, row, seq);
        return { id, seq, hash: hash.toString('hex') };
      });
      await write(client, chain, seals);
      await client.query(end, [name, seq, hash]);
      return rows.length;
    });
  }
}

async function unsealed(client: pg.PoolClient, chain: Chain, limit: number): Promise<UnsealedRow[]> {
  const { table, where } = rowsOf(chain);
  const sql = `select a.id, ${rowAsJson} as row from ${table} a where ${where} and a.seq is null order by a.created_at, a.id limit $2`;
  return (await client.query<UnsealedRow>(sql, [chainName(chain), limit])).rows;
}

async function write(
  client: pg.PoolClient,
  chain: Chain,
  seals: readonly { readonly id: string; readonly seq: number; readonly hash: string }[],
): Promise<void> {
  const { table, where } = rowsOf(chain);
  const sql = `
    update ${table} a set seq = s.seq, hash = decode(s.hash, 'hex')
      from jsonb_to_recordset($2::jsonb) as s (id text, seq bigint, hash text) where ${where} and a.id = s.id`;
  await client.query(sql, [chainName(chain), JSON.stringify(seals)]);
}
