import { Injectable } from '@nestjs/common';
import type { ErasureProof, ListErasuresQuery } from '../../contracts/erasures.js';
import type { RowPage } from '../../contracts/lists.js';
import { readPage } from '../../platform/database/cursor.js';
import type { Erasure } from '../../platform/database/generated/client.js';
import { PlatformDatabase } from '../../platform/database/platform-database.js';
import type { Transaction } from '../../platform/database/tenant-database.js';

/** An erasure that a worker has taken. */
export interface TakenErasure {
  readonly id: string;
  /** The id of the tenant. */
  readonly tenant: string;
  readonly slug: string;
}

/** An erasure that waits for a worker. */
export interface DueErasure {
  readonly id: string;
  /** How often it was begun before. */
  readonly attempts: number;
}

/** So long calls of the tenant that are running have to end, and processes to give back what they hold of its limits. */
const settlingMs = 5_000;

/** Whoever has taken one says every few seconds that it lives; a silent one is taken by another worker. */
const claim = `now() + interval '15 seconds'`;

const isDue = `state = 'running' and next_at <= now() and (claimed_until is null or claimed_until < now())`;

const due = `select id, attempts from erasures where ${isDue} order by next_at limit $1`;

const take = `
  update erasures set attempts = attempts + 1, claimed_until = ${claim} where id = $1 and ${isDue} returning id, tenant, slug`;

const hold = `update erasures set claimed_until = ${claim} where id = $1 and state = 'running'`;

const done = `
  update erasures set state = 'done', slug = null, proof = $2, failure = null, claimed_until = null, finished_at = clock_timestamp()
   where id = $1 and state = 'running'`;

/** The pause grows from a second to five minutes. */
const again = `
  update erasures set proof = coalesce($2, proof), failure = $3, claimed_until = null,
         next_at = now() + least(2 ^ least(attempts, 10), 300) * interval '1 second'
   where id = $1 and state = 'running'`;

/** The rows of erasures. They belong to no tenant, since they outlive theirs. */
@Injectable()
export class ErasuresRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** Opens a transaction of the platform. */
  async change<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.database.run(work);
  }

  async find(id: string): Promise<Erasure | null> {
    return this.database.run((transaction) => transaction.erasure.findUnique({ where: { id } }));
  }

  /** That of a tenant, by its id, or by its slug while something may be left of it. */
  async findOf(transaction: Transaction, tenant: string): Promise<Erasure | null> {
    return transaction.erasure.findFirst({ where: { OR: [{ tenant }, { slug: tenant }] }, orderBy: { createdAt: 'desc' } });
  }

  /** It is due a moment later. */
  async insert(transaction: Transaction, id: string, tenant: string, slug: string): Promise<Erasure> {
    return transaction.erasure.create({ data: { id, tenant, slug, nextAt: new Date(Date.now() + settlingMs) } });
  }

  async list({ state, ...query }: ListErasuresQuery): Promise<RowPage<Erasure>> {
    return this.database.run((transaction) =>
      readPage(query, {
        find: (id) => transaction.erasure.findUnique({ where: { id } }),
        list: (page) => transaction.erasure.findMany({ where: { state, ...page.where }, orderBy: page.orderBy, take: page.take }),
      }),
    );
  }

  /** Up to `limit` erasures that are due, those that have waited longest first. */
  async due(limit: number): Promise<readonly DueErasure[]> {
    return this.database.runSql(async (client) => (await client.query<DueErasure>(due, [limit])).rows);
  }

  /** Takes an erasure; undefined when it is not due, since another worker has it, or it is over. */
  async take(id: string): Promise<TakenErasure | undefined> {
    return this.database.runSql(async (client) => (await client.query<TakenErasure>(take, [id])).rows[0]);
  }

  /** Says that whoever has taken it lives. */
  async hold(id: string): Promise<void> {
    await this.database.runSql((client) => client.query(hold, [id]));
  }

  /** Nothing is left of the tenant. Its slug goes too. */
  async done(id: string, proof: ErasureProof): Promise<void> {
    await this.database.runSql((client) => client.query(done, [id, JSON.stringify(proof)]));
  }

  /** It is to be tried again, after a while. @param proof of what is left; undefined where nobody came to search. */
  async again(id: string, failure: string, proof?: ErasureProof): Promise<void> {
    await this.database.runSql((client) =>
      client.query(again, [id, proof === undefined ? null : JSON.stringify(proof), failure]),
    );
  }
}
