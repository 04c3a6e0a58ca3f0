import { Socket } from 'node:net';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import type { Config } from '../../config/load-config.js';
import { PrismaClient } from './generated/client.js';

/** Longer than any statement takes: an apply may wait 110 s for another one, and passages are stored batch by batch. */
const usualSilenceMs = 120_000;

/**
 * One process's connections to Postgres: one pool, which Prisma and the raw batches share. A connection on which nothing
 * has come or gone for two minutes is broken off, and whoever waits for it gets an error: when the network goes without a
 * word, the kernel alone would let them wait for a quarter of an hour. Idle connections are closed sooner by the pool.
 */
export class ConnectionPool {
  readonly pool: pg.Pool;
  private client: PrismaClient | undefined;

  constructor(config: Pick<Config, 'DATABASE_URL' | 'GT_DATABASE_POOL'>, silenceMs = usualSilenceMs) {
    this.pool = new pg.Pool({
      connectionString: config.DATABASE_URL,
      max: config.GT_DATABASE_POOL,
      application_name: 'gt-api',
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      stream: () => mortalSocket(silenceMs),
    });
    // An idle connection that the server closes must not end the process; the next query opens a new one.
    this.pool.on('error', () => undefined);
    // Neither may one that is just in use: its query fails, and whoever asked hears of it there.
    this.pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /** Made with the first query that needs it: its graph of the schema takes 7 MB, and a process that only relays asks in plain SQL. */
  get prisma(): PrismaClient {
    this.client ??= new PrismaClient({ adapter: new PrismaPg(this.pool), errorFormat: 'minimal' });
    return this.client;
  }

  async close(): Promise<void> {
    await this.client?.$disconnect();
    if (!this.pool.ended) await this.pool.end();
  }
}

function mortalSocket(silenceMs: number): Socket {
  const socket = new Socket();
  const message = `Connection terminated: the database was silent for ${silenceMs} ms.`;
  return socket.setTimeout(silenceMs, () => void socket.destroy(new Error(message)));
}
