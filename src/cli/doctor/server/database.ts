import type pg from 'pg';
import type { ConnectionPool } from '../../../platform/database/connection-pool.js';
import { databaseFault, databaseUrl } from '../../database-access.js';
import { CliError } from '../../cli-error.js';
import { found, well, type Check, type ServerDiagnosisId } from '../check.js';
import type { Environment } from './machine.js';

const oldestServer = 160_000;

/** What the database of the settings is. */
export interface ExaminedDatabase {
  readonly checks: Check[];
  /** The address, when everything of the database is as it should be. */
  readonly url?: string;
}

/** Reaches the database and looks at what the platform needs of it; what cannot be seen any more is left out. */
export async function checkDatabase(env: Environment): Promise<ExaminedDatabase> {
  const url = urlOrFault(env);
  if (typeof url !== 'string') return { checks: [url] };
  const { ConnectionPool } = await import('../../../platform/database/connection-pool.js');
  const connections = new ConnectionPool({ DATABASE_URL: url, GT_DATABASE_POOL: 2 });
  try {
    const checks = [await serverCheck(connections.pool)];
    if (checks[0]?.ok === true) checks.push(await migrationsCheck(connections.pool));
    if (checks[1]?.ok !== true) return { checks };
    return { checks: [...checks, await isolationOf(connections), await operatorsCheck(connections)], url };
  } finally {
    await connections.close();
  }
}

function urlOrFault(env: Environment): string | Check {
  try {
    return databaseUrl(env);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return found('database', 'database-unset', error.lines[0]);
  }
}

async function serverCheck(pool: pg.Pool): Promise<Check> {
  return attempt('database', 'database-away', async () => {
    const { rows } = await pool.query<{ version: string; number: string }>(
      `select current_setting('server_version') as version, current_setting('server_version_num') as number`,
    );
    const version = `PostgreSQL ${rows[0]?.version ?? '?'}.`;
    return Number(rows[0]?.number) >= oldestServer
      ? well('database', version)
      : found('database', 'database-too-old', `It is ${version}`);
  });
}

async function migrationsCheck(pool: pg.Pool): Promise<Check> {
  const { missingMigrations } = await import('../../../platform/database/migrate.js');
  return attempt('migrations', 'database-away', async () => {
    const { rows } = await pool.query<{ known: boolean }>(`select to_regclass('_prisma_migrations') is not null as known`);
    if (rows[0]?.known !== true) return found('migrations', 'migrations-missing', 'The database is empty.');
    const missing = await missingMigrations(async (sql) => (await pool.query<{ migration_name: string }>(sql)).rows);
    return missing.length > 0
      ? found('migrations', 'migrations-missing', `Missing: ${missing.join(', ')}.`)
      : well('migrations', 'all are applied.');
  });
}

async function isolationOf(connections: { readonly pool: pg.Pool }): Promise<Check> {
  const { checkIsolation, IsolationError } = await import('../../../platform/database/isolation-check.js');
  return attempt('isolation', 'database-away', async () => {
    try {
      await checkIsolation(connections);
    } catch (error) {
      if (error instanceof IsolationError) return found('isolation', 'isolation-broken', error.message);
      throw error;
    }
    return well('isolation', 'no tenant sees rows of another.');
  });
}

async function operatorsCheck(connections: ConnectionPool): Promise<Check> {
  const { PlatformDatabase } = await import('../../../platform/database/platform-database.js');
  return attempt('operators', 'database-away', async () => {
    const { rows } = await new PlatformDatabase(connections).runSql((client) =>
      client.query<{ count: number }>(`select count(*)::int as count from operator_tokens where revoked_at is null`),
    );
    const count = rows[0]?.count ?? 0;
    if (count === 0) return found('operators', 'operators-none');
    return well('operators', count === 1 ? 'one token.' : `${count} tokens.`);
  });
}

async function attempt(check: string, id: ServerDiagnosisId, work: () => Promise<Check>): Promise<Check> {
  try {
    return await work();
  } catch (error) {
    return found(check, id, databaseFault(error));
  }
}
