import type { Job } from 'bullmq';
import {
  listen,
  QueueBackend,
  workerOptions,
  type OpenQueue,
  type OpenWorker,
  type WorkerEvents,
  type WorkerSettings,
} from './queue-backend.js';
import { connectMs, RedisConnection, retryStrategy } from './redis-connection.js';

const prefix = 'gt';
const commandMs = 5_000;

/**
 * Jobs in Redis. What enqueues shares one connection that refuses at once while Redis is away; workers have their own
 * and wait. Keys begin with `gt`: two platforms on one Redis take two database numbers (`redis://host/1`).
 */
export class RedisBackend extends QueueBackend {
  private readonly producer: RedisConnection;

  constructor(private readonly redisUrl: string) {
    super();
    this.producer = new RedisConnection(redisUrl, commandMs);
  }

  async ping(): Promise<void> {
    await (await this.producer.ready()).ping();
  }

  override connections(): number {
    return this.producer.made;
  }

  async openQueue(name: string, onError: (error: unknown) => void): Promise<OpenQueue> {
    const [{ Queue }, connection] = await Promise.all([import('bullmq'), this.producer.ready()]);
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

  async close(): Promise<void> {
    await this.producer.close();
  }
}
