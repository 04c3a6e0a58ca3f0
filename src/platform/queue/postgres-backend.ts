import type { Job, PostgresConnectionOptions } from 'bullmq';
import type pg from 'pg';
import {
  listen,
  QueueBackend,
  workerOptions,
  type OpenQueue,
  type OpenWorker,
  type WorkerEvents,
  type WorkerSettings,
} from './queue-backend.js';

const schema = 'bullmq';

/**
 * What is put into the queue waits for no disk: each job stands for a row, and a sweep finds the rows whose jobs a crash of
 * Postgres takes with it. In Redis, which writes each second, it is the same.
 */
const unhurried = '-c synchronous_commit=off';

/** The queue exists, or the login role can make it. */
const usable = `select to_regclass('${schema}.job') is not null or has_database_privilege(current_database(), 'create') as usable`;

/**
 * Jobs in the platform's own database, in a schema of BullMQ's own that the first opener makes. It belongs to the login
 * role of DATABASE_URL; gt_app and gt_platform have no right there. Connections are few and end when they are idle.
 */
export class PostgresBackend extends QueueBackend {
  constructor(
    private readonly databaseUrl: string,
    private readonly pool: Pick<pg.Pool, 'query'>,
  ) {
    super();
  }

  /** Asks over the process's own pool: readiness needs no further connection. */
  async ping(): Promise<void> {
    const { rows } = await this.pool.query<{ usable: boolean }>(usable);
    if (rows[0]?.usable !== true) throw new Error(`The schema ${schema} does not exist and the login role may not create it.`);
  }

  async openQueue(name: string, onError: (error: unknown) => void): Promise<OpenQueue> {
    const { createPostgresBackend, Queue } = await import('bullmq');
    const connection = await this.connection({ max: 2, query_timeout: 10_000, idleTimeoutMillis: 3_000, options: unhurried });
    const queue = new Queue(name, { connection }, createPostgresBackend);
    queue.on('error', onError);
    return readyOrClosed(queue);
  }

  async openWorker(name: string, events: WorkerEvents, settings: WorkerSettings): Promise<OpenWorker> {
    const { createPostgresBackend, Worker } = await import('bullmq');
    const run = (job: Job, _token: unknown, lost?: AbortSignal) => events.run(job, lost ?? new AbortController().signal);
    const options = { ...workerOptions(settings), connection: await this.connection({ max: 3 }) };
    return readyOrClosed(listen(new Worker(name, run, options, createPostgresBackend), events));
  }

  async close(): Promise<void> {
    // The pool is the database module's.
  }

  /** BullMQ sets the search path by `options`, which one in the URL would override: it is passed separately from the URL. */
  private async connection({
    options,
    ...limits
  }: {
    readonly max: number;
    readonly query_timeout?: number;
    readonly idleTimeoutMillis?: number;
    readonly options?: string;
  }): Promise<PostgresConnectionOptions> {
    const url = new URL(this.databaseUrl);
    const all = [url.searchParams.get('options'), options].filter((given) => given !== null && given !== undefined);
    url.searchParams.delete('options');
    return {
      connectionString: url.toString(),
      ...(all.length === 0 ? {} : { options: all.join(' ') }),
      schema,
      migrate: true,
      ...limits,
      application_name: 'gt-queue',
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      ...{ Client: await listeningClient() },
    };
  }
}

/**
 * A client whose broken connection ends no process: while BullMQ makes its schema, it holds one to whose errors nobody
 * listens. Its query fails, and whoever asked hears of it there.
 */
async function listeningClient(): Promise<typeof pg.Client> {
  const { default: driver } = await import('pg');
  return class extends driver.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      this.on('error', () => undefined);
    }
  };
}

/** BullMQ remembers a failed start for ever, so what was not ready is given up; the next attempt makes a new one. */
async function readyOrClosed<T extends { waitUntilReady(): Promise<unknown>; close(): Promise<unknown> }>(opened: T): Promise<T> {
  try {
    await opened.waitUntilReady();
    return opened;
  } catch (error) {
    await opened.close().catch(() => undefined);
    throw error;
  }
}
