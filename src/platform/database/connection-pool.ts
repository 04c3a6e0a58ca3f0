import { Socket } from 'node:net';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import type { Config } from '../../config/load-config.js';
import { FairPlaces, type NoPlace } from '../../kernel/fair-places.js';
import { DatabaseAwayError, orDatabaseAway } from './database-away.js';
import { DatabaseReach, refuseGivenUp, type Wanted } from './database-reach.js';
import { PrismaClient, type Prisma } from './generated/client.js';

/** Longer than any statement takes: an apply may wait 110 s for another one, and passages are stored batch by batch. */
const usualSilenceMs = 120_000;

/** How long work waits for a free connection while the database is there but busy; an unreachable one is reported sooner. */
const maxWaitMs = 15_000;

/** How many transactions may wait for a connection. */
const maxWaiting = 10_000;

/** Of so many connections, one in five is left to what the platform does for itself; of fewer than four there is none to leave. */
export function placesForTenants(connections: number): number {
  return connections < 4 ? connections : connections - Math.max(1, Math.floor(connections / 5));
}

/**
 * One process's connections to Postgres: one pool, which Prisma and the raw batches share. A connection on which nothing
 * has come or gone for two minutes is broken off, and whoever waits for it gets an error: when the network goes without a
 * word, the kernel alone would let them wait for a quarter of an hour. Idle connections are closed sooner by the pool.
 *
 * Transactions of tenants have places, which tenants share and wait for in turn. The platform's own have none: they find the
 * connections free that no tenant may take.
 */
export class ConnectionPool {
  readonly pool: pg.Pool;
  /** Whether the database can be reached; all work on the pool runs within it. */
  readonly reach: DatabaseReach;
  /** The places of tenants' transactions. */
  readonly places: FairPlaces;
  private readonly sockets = new Set<Socket>();
  private client: PrismaClient | undefined;

  /**
   * @param tell hears a sentence when the database is given up as unreachable, and one when it is back.
   * @param isHeard true while the database has just answered elsewhere.
   */
  constructor(
    config: Pick<Config, 'DATABASE_URL' | 'GT_DATABASE_POOL'> & Partial<Pick<Config, 'GT_TENANT_SHARE_PERCENT'>>,
    silenceMs = usualSilenceMs,
    tell: (sentence: string) => void = () => undefined,
    isHeard: () => boolean = () => false,
  ) {
    this.pool = new pg.Pool({
      connectionString: config.DATABASE_URL,
      max: config.GT_DATABASE_POOL,
      application_name: 'gt-api',
      connectionTimeoutMillis: maxWaitMs,
      keepAlive: true,
      stream: () => this.socket(silenceMs),
    });
    this.places = new FairPlaces({
      places: placesForTenants(config.GT_DATABASE_POOL),
      sharePercent: config.GT_TENANT_SHARE_PERCENT,
      maxWaiting,
      waitMs: maxWaitMs,
    });
    this.reach = new DatabaseReach(config.DATABASE_URL, () => this.breakAll(), tell, isHeard);
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

  /**
   * Runs the work in one transaction, for as long as the database can be reached. What was given up is never committed:
   * its caller heard that it failed and may have undone what belongs to it.
   * @param tenantId whose it is; undefined for the platform's own.
   * @throws DatabaseAwayError.
   */
  transaction<T>(work: (tx: Prisma.TransactionClient) => Promise<T>, timeoutMs: number, tenantId?: string): Promise<T> {
    const attempt = (wanted: Wanted): Promise<T> =>
      this.prisma.$transaction(
        async (tx) => {
          refuseGivenUp(wanted);
          const result = await work(tx);
          refuseGivenUp(wanted);
          return result;
        },
        { maxWait: maxWaitMs, timeout: timeoutMs },
      );
    return orDatabaseAway(() => this.reach.within((wanted) => this.inPlace(tenantId, wanted, () => attempt(wanted))));
  }

  /**
   * The same in plain SQL, without Prisma between. @param begin statements that begin the transaction and take its role.
   * @throws DatabaseAwayError.
   */
  plain<T>(begin: string, work: (client: pg.PoolClient) => Promise<T>, tenantId?: string): Promise<T> {
    return orDatabaseAway(() =>
      this.reach.within((wanted) => this.inPlace(tenantId, wanted, () => this.inSql(begin, work, wanted))),
    );
  }

  /**
   * Sends statements as one message, which Postgres runs as one transaction: all of them or none, in one round trip.
   * @returns the rows of the last one. @throws DatabaseAwayError, which knows whether they were sent.
   */
  async message<Row>(statements: string, tenantId: string): Promise<Row[]> {
    let isSent = false;
    const attempt = async (wanted: Wanted): Promise<Row[]> => {
      const client = await this.pool.connect();
      try {
        refuseGivenUp(wanted);
        isSent = true;
        const results = (await client.query(statements)) as unknown as readonly pg.QueryResult[];
        return (results.at(-1)?.rows ?? []) as Row[];
      } finally {
        client.release();
      }
    };
    try {
      return await orDatabaseAway(() => this.reach.within((wanted) => this.inPlace(tenantId, wanted, () => attempt(wanted))));
    } catch (error) {
      throw error instanceof DatabaseAwayError && !isSent ? new DatabaseAwayError(error.cause, true) : error;
    }
  }

  /** Runs a tenant's work in one of the places of tenants, and the platform's own at once. */
  private inPlace<T>(tenantId: string | undefined, wanted: Wanted, work: () => Promise<T>): Promise<T> {
    if (tenantId === undefined) return work();
    const begin = (): Promise<T> => {
      refuseGivenUp(wanted);
      return work();
    };
    const noPlace = (why: NoPlace): Error => new DatabaseAwayError(new Error(`There was no connection: ${why}.`), true);
    return this.places.run(tenantId, begin, noPlace);
  }

  private async inSql<T>(begin: string, work: (client: pg.PoolClient) => Promise<T>, wanted: Wanted): Promise<T> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    try {
      await client.query(begin);
      refuseGivenUp(wanted);
      const result = await work(client);
      refuseGivenUp(wanted);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch((reason: unknown) => {
        broken = reason as Error;
      });
      throw error;
    } finally {
      client.release(broken);
    }
  }

  async close(): Promise<void> {
    this.reach.close();
    await this.client?.$disconnect();
    if (!this.pool.ended) await this.pool.end();
  }

  private socket(silenceMs: number): Socket {
    const socket = new Socket();
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    const message = `Connection terminated: the database was silent for ${silenceMs} ms.`;
    return socket.setTimeout(silenceMs, () => void socket.destroy(new Error(message)));
  }

  /** What was given up must not go on when the network is back, so that nobody hears of it. */
  private breakAll(): void {
    for (const socket of this.sockets) socket.destroy(new Error('Connection terminated: the database cannot be reached.'));
  }
}
