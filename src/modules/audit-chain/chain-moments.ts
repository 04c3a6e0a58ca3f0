import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { ChainLink } from './chain-walk.js';
import { chainName, rowAsJson, rowsOf, type Chain } from './chain.js';

const pageRows = 500;
/** Of each statement; pages are small. */
const limitMs = 60_000;

type Query = <Row>(sql: string, values: readonly unknown[]) => Promise<Row[]>;

/** Rows that are not sealed yet. */
export interface Unsealed {
  readonly count: number;
  readonly oldest: Date | null;
}

/** A chain as the database has it at one moment. */
export class ChainMoment {
  constructor(
    private readonly chain: Chain,
    private readonly query: Query,
  ) {}

  /** Where the database says that the chain ends, with the hash in hexadecimal. */
  async head(): Promise<{ readonly seq: number; readonly hash: string } | undefined> {
    const sql = `select seq::float8 as seq, encode(hash, 'hex') as hash from audit_chains where name = $1`;
    return (await this.query<{ seq: number; hash: string }>(sql, [chainName(this.chain)]))[0];
  }

  /** All sealed rows in the order of their numbers, page by page. */
  async *links(): AsyncGenerator<ChainLink, void> {
    const { table, where } = rowsOf(this.chain);
    // The rows of the page first: JSON is made of these alone.
    const next = `
      select a.* from ${table} a where ${where} and a.seq is not null and (a.seq, a.id) > ($2::bigint, $3::text)
       order by a.seq, a.id limit ${pageRows}`;
    const sql = `
      select a.id, a.seq::float8 as seq, encode(a.hash, 'hex') as hash, ${rowAsJson} as row from (${next}) a order by a.seq, a.id`;
    let last: readonly [string, string] = ['-9223372036854775808', ''];
    for (;;) {
      const page = await this.query<ChainLink>(sql, [chainName(this.chain), ...last]);
      yield* page;
      const end = page.at(-1);
      if (end === undefined || page.length < pageRows) return;
      last = [String(end.seq), end.id];
    }
  }

  async unsealed(): Promise<Unsealed> {
    const { table, where } = rowsOf(this.chain);
    const sql = `
      select count(*)::float8 as count, min(a.created_at) as oldest from ${table} a where ${where} and a.seq is null`;
    return (await this.query<Unsealed>(sql, [chainName(this.chain)]))[0] ?? { count: 0, oldest: null };
  }

  /** Ids of unsealed rows that are older than this moment, at most `limit`. */
  async unsealedBefore(moment: Date, limit: number): Promise<string[]> {
    const { table, where } = rowsOf(this.chain);
    const sql = `select a.id from ${table} a where ${where} and a.seq is null and a.created_at < $2 order by a.created_at, a.id limit $3`;
    return (await this.query<{ id: string }>(sql, [chainName(this.chain), moment, limit])).map(({ id }) => id);
  }
}

/** Reads chains, each at one moment: what is sealed meanwhile belongs to the next one. */
@Injectable()
export class ChainMoments {
  constructor(
    private readonly tenants: TenantDatabase,
    private readonly platform: PlatformDatabase,
  ) {}

  /** @throws DatabaseAwayError. */
  of<T>(chain: Chain, work: (moment: ChainMoment) => Promise<T>): Promise<T> {
    if (chain.tenantId !== null) {
      const ofTenant = ({ query }: { readonly query: Query }) => work(new ChainMoment(chain, query));
      return this.tenants.readAtOneMoment(chain.tenantId, 'audit', ofTenant, limitMs);
    }
    return this.platform.runSql(async (client) => {
      await client.query('set transaction isolation level repeatable read read only');
      const query: Query = async <Row>(sql: string, values: readonly unknown[]) =>
        (await client.query(sql, [...values])).rows as Row[];
      return work(new ChainMoment(chain, query));
    });
  }
}
