import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { Log, redact } from '../../observability/log.js';
import { ConnectionPool } from '../database/connection-pool.js';
import { PostgresBackend } from './postgres-backend.js';
import { QueueBackend } from './queue-backend.js';
import { QueueService } from './queue.service.js';
import { QuietErrors } from './quiet-errors.js';
import { RedisBackend } from './redis-backend.js';
import { RedisConnection } from './redis-connection.js';
import { SharedPlaces } from './shared-places.js';

/** A place is worth no long wait. */
const placeMs = 1_000;

/**
 * The job queue and shared places, the only users of BullMQ and ioredis. Every process enqueues through QueueService; the worker process
 * alone runs jobs, with JobWorkers. The jobs are the rows of contracts/jobs.ts.
 */
@Module({
  providers: [
    { provide: QuietErrors, useFactory: (log: Log) => quietErrors(log), inject: [Log] },
    {
      provide: QueueBackend,
      useFactory: (config: Config, connections: ConnectionPool) => backendOf(config, connections),
      inject: [Config, ConnectionPool],
    },
    {
      provide: QueueService,
      useFactory: (backend: QueueBackend, errors: QuietErrors) => new QueueService(backend, (error) => errors.report(error)),
      inject: [QueueBackend, QuietErrors],
    },
    { provide: SharedPlaces, useFactory: ({ REDIS_URL: url }: Config) => placesOf(url), inject: [Config] },
  ],
  exports: [QueueBackend, QueueService, QuietErrors, SharedPlaces],
})
export class QueueModule implements OnApplicationShutdown {
  constructor(private readonly queue: QueueService) {}

  async onApplicationShutdown(): Promise<void> {
    await this.queue.close();
  }
}

function backendOf(config: Config, connections: ConnectionPool): QueueBackend {
  if (config.REDIS_URL !== undefined) return new RedisBackend(config.REDIS_URL);
  return new PostgresBackend(config.DATABASE_URL, connections.pool);
}

function placesOf(redisUrl: string | undefined): SharedPlaces {
  return new SharedPlaces(redisUrl === undefined ? undefined : new RedisConnection(redisUrl, placeMs));
}

function quietErrors(log: Log): QuietErrors {
  return new QuietErrors((message) => log.warn('job queue', { error: redact(message) }));
}
