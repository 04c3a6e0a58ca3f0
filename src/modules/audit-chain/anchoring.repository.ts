import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';
import { chainName, rowsOf, type Chain } from './chain.js';

/** A chain and where it ends. */
export interface ChainEnd extends Chain {
  readonly seq: number;
  /** In hexadecimal. */
  readonly hash: string;
}

/** Whoever takes a chain has it for a minute; then another one may try. */
const take = `
  update audit_chains set anchor_due_at = now() + interval '1 minute'
   where name in (select name from audit_chains where seq > anchored_seq and anchor_due_at <= now()
                   order by anchor_due_at limit $1 for update skip locked)
  returning tenant_id as "tenantId", seq::float8 as seq, encode(hash, 'hex') as hash`;

/** The next one is due in an hour, or as soon as another day begins in UTC. */
const nextDue = `least(now() + interval '1 hour', (date_trunc('day', now() at time zone 'UTC') + interval '1 day') at time zone 'UTC')`;
const anchored = `
  update audit_chains set anchored_seq = greatest(anchored_seq, $2), anchor_due_at = ${nextDue} where name = $1`;
const deferred = `update audit_chains set anchor_due_at = now() + interval '1 hour' where name = $1`;

/** Which chains have grown beyond their newest anchor. */
@Injectable()
export class AnchoringRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** Takes up to `limit` chains whose anchor is due. */
  async take(limit: number): Promise<ChainEnd[]> {
    return this.database.runSql(async (client) => (await client.query<ChainEnd>(take, [limit])).rows);
  }

  /** The chain is anchored up to this number. */
  async anchored(chain: Chain, seq: number): Promise<void> {
    await this.database.runSql((client) => client.query(anchored, [chainName(chain), seq]));
  }

  /** Nothing is to be tried for an hour. */
  async defer(chain: Chain): Promise<void> {
    await this.database.runSql((client) => client.query(deferred, [chainName(chain)]));
  }

  /** The hash at a place of the chain, in hexadecimal; undefined where no row has the number. */
  async hashAt(chain: Chain, seq: number): Promise<string | undefined> {
    const { table, where } = rowsOf(chain);
    const sql = `select encode(a.hash, 'hex') as hash from ${table} a where ${where} and a.seq = $2 limit 1`;
    const { rows } = await this.database.runSql((client) => client.query<{ hash: string }>(sql, [chainName(chain), seq]));
    return rows[0]?.hash;
  }
}
