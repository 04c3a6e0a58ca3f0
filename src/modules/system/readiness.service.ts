import { Injectable } from '@nestjs/common';
import { access, constants, mkdir } from 'node:fs/promises';
import { Config } from '../../config/config.module.js';
import { ChangeFeed } from '../../platform/database/change-feed.js';
import { ConnectionPool } from '../../platform/database/connection-pool.js';
import { missingMigrations } from '../../platform/database/migrate.js';
import { QueueService } from '../../platform/queue/queue.service.js';

export interface Check {
  readonly ok: boolean;
  /** What is wrong, in a sentence for the operator; nothing of the inside. */
  readonly message?: string;
}

export interface Readiness {
  readonly status: 'ok' | 'degraded' | 'down';
  readonly checks: Readonly<Record<'database' | 'migrations' | 'queue' | 'storage', Check>>;
}

const limitMs = 2_000;
const fine: Check = { ok: true };

/** Whether this process can do its work: each part named. Down without database or migrations, else degraded. */
@Injectable()
export class ReadinessService {
  constructor(
    private readonly connections: ConnectionPool,
    private readonly feed: ChangeFeed,
    private readonly queue: QueueService,
    private readonly config: Config,
  ) {}

  async check(): Promise<Readiness> {
    const [database, migrations, queue, storage] = await Promise.all([
      judge(() => this.database(), 'The database does not answer (DATABASE_URL).'),
      judge(() => this.migrations(), 'The state of the migrations cannot be read.'),
      judge(
        () => this.jobs(),
        `The job queue does not answer (${this.config.REDIS_URL === undefined ? 'DATABASE_URL' : 'REDIS_URL'}).`,
      ),
      judge(() => this.storage(), 'The data folder cannot be written (GT_DATA_DIR).'),
    ]);
    const down = !database.ok || !migrations.ok;
    return {
      status: down ? 'down' : storage.ok && queue.ok ? 'ok' : 'degraded',
      checks: { database, migrations, queue, storage },
    };
  }

  private async database(): Promise<Check> {
    await this.connections.pool.query('select 1');
    return this.feed.isLive() ? fine : { ok: false, message: 'The change feed is silent: changes of keys may arrive late.' };
  }

  private async migrations(): Promise<Check> {
    const missing = await missingMigrations(
      async (sql) => (await this.connections.pool.query<{ migration_name: string }>(sql)).rows,
    );
    return missing.length === 0 ? fine : { ok: false, message: `Not applied: ${missing.join(', ')}. Run: npx --no gt migrate` };
  }

  private async jobs(): Promise<Check> {
    await this.queue.ping();
    return fine;
  }

  private async storage(): Promise<Check> {
    await mkdir(this.config.GT_DATA_DIR, { recursive: true });
    await access(this.config.GT_DATA_DIR, constants.W_OK);
    return fine;
  }
}

async function judge(check: () => Promise<Check>, message: string): Promise<Check> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Check>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, message }), limitMs);
  });
  try {
    return await Promise.race([check(), late]);
  } catch {
    return { ok: false, message };
  } finally {
    clearTimeout(timer);
  }
}
