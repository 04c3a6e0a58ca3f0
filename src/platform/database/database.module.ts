import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { Log } from '../../observability/log.js';
import { ChangeFeed } from './change-feed.js';
import { ConnectionPool } from './connection-pool.js';
import { PlatformDatabase } from './platform-database.js';
import { TenantDatabase } from './tenant-database.js';

/**
 * Postgres for everyone: a tenant's rows through TenantDatabase, what belongs to no tenant through PlatformDatabase,
 * and the change feed that keeps every process's memory current.
 */
@Global()
@Module({
  providers: [
    {
      provide: ConnectionPool,
      useFactory: (config: Config, log: Log, feed: ChangeFeed) => {
        const tell = (sentence: string): void => log.warn(sentence);
        return new ConnectionPool(config, undefined, tell, () => feed.isLive());
      },
      inject: [Config, Log, ChangeFeed],
    },
    TenantDatabase,
    PlatformDatabase,
    ChangeFeed,
  ],
  exports: [ConnectionPool, TenantDatabase, PlatformDatabase, ChangeFeed],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(private readonly connections: ConnectionPool) {}

  async onApplicationShutdown(): Promise<void> {
    await this.connections.close();
  }
}
