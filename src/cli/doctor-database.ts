import type pg from 'pg';
import type { ConnectionPool } from '../platform/database/connection-pool.js';
import { databaseFault, databaseUrl } from './database-access.js';
import type { Check } from './doctor-checks.js';
import { CliError } from './cli-error.js';

type Environment = Readonly<Record<string, string | undefined>>;

const oldestServer = 160_000;

/** Reaches the database and looks at what the platform needs of it; what cannot be seen any more is left out. */
export async function checkDatabase(env: Environment): Promise<Check[]> {
  const url = urlOrFault(env);
  if (typeof url !== 'string') return [url];
  const { ConnectionPool } = await import('../platform/database/connection-pool.js');
  const connections = new ConnectionPool({ DATABASE_URL: url, GT_DATABASE_POOL: 2 });
  try {
    const reached = await serverCheck(connections.pool);
    if (!reached.ok) return [reached];
    const migrations = await migrationsCheck(connections.pool);
    if (!migrations.ok) return [reached, migrations];
    return [reached, migrations, await isolationOf(connections), await operatorsCheck(connections)];
  } finally {
    await connections.close();
  }
}

function urlOrFault(env: Environment): string | Check {
  try {
    return databaseUrl(env);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return { check: 'database', ok: false, detail: error.lines[0], advice: null };
  }
}

async function serverCheck(pool: pg.Pool): Promise<Check> {
  return attempt('database', async () => {
    const { rows } = await pool.query<{ version: string; number: string }>(
      `select current_setting('server_version') as version, current_setting('server_version_num') as number`,
    );
    const ok = Number(rows[0]?.number) >= oldestServer;
    return {
      ok,
      detail: `PostgreSQL ${rows[0]?.version ?? '?'}.`,
      advice: ok ? null : 'The platform needs PostgreSQL 16 or newer.',
    };
  });
}

async function migrationsCheck(pool: pg.Pool): Promise<Check> {
  const { missingMigrations } = await import('../platform/database/migrate.js');
  return attempt('migrations', async () => {
    const { rows } = await pool.query<{ known: boolean }>(`select to_regclass('_prisma_migrations') is not null as known`);
    const missing =
      rows[0]?.known === true
        ? await missingMigrations(async (sql) => (await pool.query<{ migration_name: string }>(sql)).rows)
        : null;
    if (missing === null) return { ok: false, detail: 'the database is empty.', advice: 'Run: npx --no -- gt migrate' };
    if (missing.length > 0)
      return { ok: false, detail: `missing: ${missing.join(', ')}.`, advice: 'Run: npx --no -- gt migrate' };
    return { ok: true, detail: 'all are applied.', advice: null };
  });
}

async function isolationOf(connections: { readonly pool: pg.Pool }): Promise<Check> {
  const { checkIsolation } = await import('../platform/database/isolation-check.js');
  return attempt('isolation', async () => {
    await checkIsolation(connections);
    return { ok: true, detail: 'no tenant sees rows of another.', advice: null };
  });
}

async function operatorsCheck(connections: ConnectionPool): Promise<Check> {
  const { PlatformDatabase } = await import('../platform/database/platform-database.js');
  return attempt('operators', async () => {
    const { rows } = await new PlatformDatabase(connections).runSql((client) =>
      client.query<{ count: number }>(`select count(*)::int as count from operator_tokens where revoked_at is null`),
    );
    const count = rows[0]?.count ?? 0;
    if (count === 0)
      return { ok: false, detail: 'nobody has a token.', advice: 'Run: npx --no -- gt operator create --name <name>' };
    return { ok: true, detail: count === 1 ? 'one token.' : `${count} tokens.`, advice: null };
  });
}

async function attempt(check: string, work: () => Promise<Omit<Check, 'check'>>): Promise<Check> {
  try {
    return { check, ...(await work()) };
  } catch (error) {
    return { check, ok: false, detail: databaseFault(error), advice: null };
  }
}
