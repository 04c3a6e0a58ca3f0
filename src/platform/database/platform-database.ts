import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { ConnectionPool } from './connection-pool.js';
import type { Transaction } from './tenant-database.js';

/** Sweeps and drains go in batches of seconds: a statement of a minute is stuck. */
const beginSql = `
  begin; set local role gt_platform; set local gt.vector_stores = 'on';
  set local statement_timeout = 60000; set local idle_in_transaction_session_timeout = 60000`;

/**
 * The way to what belongs to no tenant or to all: looking up keys and hosts, sweeps, the usage drain, operators.
 * It sees every tenant's rows, so only the repositories named in `platform-repositories.ts` may import it; the
 * architecture test holds the tree against that list.
 */
@Injectable()
export class PlatformDatabase {
  constructor(private readonly connections: ConnectionPool) {}

  /** Runs `work` in one transaction of the role `gt_platform`. @throws DatabaseAwayError. */
  async run<T>(work: (transaction: Transaction) => Promise<T>, timeoutMs = 30_000): Promise<T> {
    const asPlatform = async (transaction: Transaction): Promise<T> => {
      await transaction.$queryRaw`
        select set_config('role', 'gt_platform', true), set_config('gt.vector_stores', 'on', true), set_config('statement_timeout', ${String(timeoutMs)}, true),
               set_config('idle_in_transaction_session_timeout', ${String(timeoutMs)}, true)`;
      return work(transaction);
    };
    return this.connections.transaction(asPlatform, timeoutMs);
  }

  /** The same for batches and single look-ups in plain SQL, without Prisma between. @throws DatabaseAwayError. */
  runSql<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    return this.connections.plain(beginSql, work);
  }
}
