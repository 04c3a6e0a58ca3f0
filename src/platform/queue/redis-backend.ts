import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { once } from 'node:events';
import {
  listen,
  QueueBackend,
  workerOptions,
  type OpenQueue,
  type OpenWorker,
  type WorkerEvents,
  type WorkerSettings,
} from './queue-backend.js';

const prefix = 'gt';
const connectMs = 1_000;

/** Tries again soon: jobs wait for nothing else once Redis is back. */
function retryStrategy(attempt: number): number {
  return Math.min(attempt * 100, 500);
}

/**
 * Jobs in Redis. What enqueues shares one connection that refuses at once while Redis is away; workers have their own
 * and wait. Keys begin with `gt`: two platforms on one Redis take two database numbers (`redis://host/1`).
 */
export class RedisBackend extends QueueBackend {
  private producer: Redis | undefined;
  private made = 0;

  constructor(private readonly redisUrl: string) {
    super();
  }

  async ping(): Promise<void> {
    await (await this.ready()).ping();
  }

  override connections(): number {
    return this.made;
  }

  async openQueue(name: string, onError: (error: unknown) => void): Promise<OpenQueue> {
    const [{ Queue }, connection] = await Promise.all([import('bullmq'), this.ready()]);
    const queue = new Queue(name, { connection, prefix });
    queue.on('error', onError);
    try {
      await queue.waitUntilReady();
      return queue;
    } catch (error) {
      await queue.close().catch(() => undefined);
      throw error;
    }
  }

  async openWorker(name: string, events: WorkerEvents, settings: WorkerSettings): Promise<OpenWorker> {
    const { Worker } = await import('bullmq');
    const run = (job: Job, _token: unknown, lost?: AbortSignal) => events.run(job, lost ?? new AbortController().signal);
    const connection = { url: this.redisUrl, maxRetriesPerRequest: null, connectTimeout: connectMs, retryStrategy };
    return listen(new Worker(name, run, { ...workerOptions(settings), connection, prefix }), events);
  }

  close(): Promise<void> {
    this.producer?.disconnect();
    this.producer = undefined;
    return Promise.resolve();
  }

  /** The connection of all queues of this process. @throws Error at once, or within a second while it is being made. */
  private async ready(): Promise<Redis> {
    this.producer ??= await this.connect();
    const { producer } = this;
    if (producer.status === 'ready') return producer;
    if (producer.status === 'wait') await producer.connect();
    else await once(producer, 'ready', { signal: AbortSignal.timeout(connectMs) });
    return producer;
  }

  private async connect(): Promise<Redis> {
    const { Redis: Client } = await import('ioredis');
    const client = new Client(this.redisUrl, {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
      connectTimeout: connectMs,
      commandTimeout: 5_000,
      retryStrategy,
    });
    // Whoever uses the connection gets the error; without a listener ioredis prints each attempt.
    client.on('error', () => undefined);
    client.on('ready', () => (this.made += 1));
    return client;
  }
}
