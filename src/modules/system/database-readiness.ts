import { Injectable } from '@nestjs/common';
import { ChangeFeed } from '../../platform/database/change-feed.js';
import { ConnectionPool } from '../../platform/database/connection-pool.js';
import { missingMigrations } from '../../platform/database/migrate.js';
import { fine, judge, type Check } from './readiness-check.js';

/** Whether the database answers, tells of changes in time, and has all migrations of this build. */
@Injectable()
export class DatabaseReadiness {
  /** What was applied is not taken back while this build runs. */
  private isMigrated = false;

  constructor(
    private readonly connections: ConnectionPool,
    private readonly feed: ChangeFeed,
  ) {}

  /** The change feed asks several times a second, on a connection of its own: that all others are busy is no fault. */
  answers(): Promise<Check> {
    return judge(async () => {
      if (this.feed.isLive()) return fine;
      await this.connections.pool.query('select 1');
      // A process that had no time has not asked either.
      await this.feed.ask();
      return this.feed.isLive() ? fine : { ok: false, message: 'The change feed is silent: changes of keys may arrive late.' };
    }, 'The database does not answer (DATABASE_URL).');
  }

  migrations(): Promise<Check> {
    return judge(async () => {
      if (this.isMigrated) return fine;
      const missing = await missingMigrations(
        async (sql) => (await this.connections.pool.query<{ migration_name: string }>(sql)).rows,
      );
      this.isMigrated = missing.length === 0;
      return this.isMigrated ? fine : { ok: false, message: `Not applied: ${missing.join(', ')}. Run: npx --no -- gt migrate` };
    }, 'The state of the migrations cannot be read.');
  }
}
