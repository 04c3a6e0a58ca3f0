import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { Log, redact } from '../../observability/log.js';
import { ConnectionPool } from '../database/connection-pool.js';
import { PostgresBackend } from './postgres-backend.js';
import { QueueBackend } from './queue-backend.js';
import { QueueService } from './queue.service.js';
import { QuietErrors } from './quiet-errors.js';
import { RedisBackend } from './redis-backend.js';

/**
 * The job queue, and the only user of BullMQ and ioredis. Every process enqueues through QueueService; the worker process
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
  ],
  exports: [QueueBackend, QueueService, QuietErrors],
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

function quietErrors(log: Log): QuietErrors {
  return new QuietErrors((message) => log.warn('job queue', { error: redact(message) }));
}
