import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import type { Config } from '../../config/load-config.js';
import { PrismaClient } from './generated/client.js';

/** One process's connections to Postgres: one pool, which Prisma and the raw batches share. */
export class ConnectionPool {
  readonly pool: pg.Pool;
  readonly prisma: PrismaClient;

  constructor(config: Pick<Config, 'DATABASE_URL' | 'GT_DATABASE_POOL'>) {
    this.pool = new pg.Pool({
      connectionString: config.DATABASE_URL,
      max: config.GT_DATABASE_POOL,
      application_name: 'gt-api',
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    });
    // An idle connection that the server closes must not end the process; the next query opens a new one.
    this.pool.on('error', () => undefined);
    // Neither may one that is just in use: its query fails, and whoever asked hears of it there.
    this.pool.on('connect', (client) => client.on('error', () => undefined));
    this.prisma = new PrismaClient({ adapter: new PrismaPg(this.pool), errorFormat: 'minimal' });
  }

  async close(): Promise<void> {
    await this.prisma.$disconnect();
    if (!this.pool.ended) await this.pool.end();
  }
}
