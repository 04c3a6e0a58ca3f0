import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { LimitStore } from './limit-store.js';
import { PostgresLimitStore } from './postgres-limit-store.js';
import { RedisLimitStore } from './redis-limit-store.js';

/** Where limits are kept for all processes: in Redis where there is one, else in the platform's database. */
@Module({
  providers: [
    {
      provide: LimitStore,
      useFactory: ({ REDIS_URL: redis, DATABASE_URL: database }: Config) =>
        redis === undefined ? new PostgresLimitStore(database) : new RedisLimitStore(redis),
      inject: [Config],
    },
  ],
  exports: [LimitStore],
})
export class LimitStoreModule implements OnApplicationShutdown {
  constructor(private readonly store: LimitStore) {}

  /** What gives back to the store does so before: `beforeApplicationShutdown`. */
  async onApplicationShutdown(): Promise<void> {
    await this.store.close();
  }
}
