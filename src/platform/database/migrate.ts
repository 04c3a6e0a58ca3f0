import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

const migrationsFolder = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url));

/** The lock that Prisma's own tools take while they migrate, so that both never run at once. */
const advisoryLock = 72707369;

const tableOfMigrations = `create table if not exists _prisma_migrations (
  id varchar(36) primary key not null,
  checksum varchar(64) not null,
  finished_at timestamptz,
  migration_name varchar(255) not null,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz not null default now(),
  applied_steps_count integer not null default 0)`;

export interface MigrateOptions {
  readonly onProgress?: (name: string) => void;
}

/** A migration as it stands in the folder: its name, text and the SHA-256 that Prisma records. */
interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** A migration that was applied was changed afterwards, or one failed. The message says which and what to do. */
export class MigrationError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MigrationError';
  }
}

async function readMigrations(): Promise<Migration[]> {
  const entries = await readdir(migrationsFolder, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(migrationsFolder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/**
 * Brings the database to the newest schema; a second run changes nothing, two runs at once wait for one another.
 * Each migration is one transaction, recorded in Prisma's own table, so that Prisma's tools agree with the result.
 * @throws MigrationError when an applied migration's text has changed or a new one fails.
 */
export async function migrate(databaseUrl: string, options: MigrateOptions = {}): Promise<{ applied: string[] }> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'gt-migrate' });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [advisoryLock]);
    await client.query(tableOfMigrations);
    const applied: string[] = [];
    for (const migration of await pendingMigrations(client)) {
      options.onProgress?.(migration.name);
      await applyMigration(client, migration);
      applied.push(migration.name);
    }
    return { applied };
  } finally {
    await client.end();
  }
}

/** The names of the migrations that this build has and the database has not; `/readyz` shows them. */
export async function missingMigrations(
  query: (sql: string) => Promise<readonly { migration_name: string }[]>,
): Promise<string[]> {
  const rows = await query(
    'select migration_name from _prisma_migrations where finished_at is not null and rolled_back_at is null',
  );
  const done = new Set(rows.map((row) => row.migration_name));
  return (await readMigrations()).map((migration) => migration.name).filter((name) => !done.has(name));
}

async function pendingMigrations(client: pg.Client): Promise<Migration[]> {
  const { rows } = await client.query<{ migration_name: string; checksum: string }>(
    'select migration_name, checksum from _prisma_migrations where finished_at is not null and rolled_back_at is null',
  );
  const recorded = new Map(rows.map((row) => [row.migration_name, row.checksum]));
  const pending: Migration[] = [];
  for (const migration of await readMigrations()) {
    const checksum = recorded.get(migration.name);
    if (checksum === undefined) pending.push(migration);
    else if (checksum !== migration.checksum) {
      throw new MigrationError(
        `The migration ${migration.name} was changed after it had been applied. Restore its text and put the change into a new migration.`,
      );
    }
  }
  return pending;
}

/** Deadlock, and a lock that was not got in time: what clients of a running platform can do to a migration. */
const inTheWay = new Set(['40P01', '55P03']);
const lockSeconds = 3;
const mostTries = 60;
const pauseMs = 500;

/**
 * Applies one migration as a whole. Processes of the release before may be at work: whoever waits for a lock holds up all
 * who come after, so it waits for seconds only and is tried again for some minutes.
 */
async function applyMigration(client: pg.Client, migration: Migration): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      await tryMigration(client, migration);
      return;
    } catch (error) {
      if (tried < mostTries && inTheWay.has((error as { code?: string }).code ?? '')) {
        await pause(pauseMs);
        continue;
      }
      throw new MigrationError(`The migration ${migration.name} failed and was undone: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
}

async function tryMigration(client: pg.Client, migration: Migration): Promise<void> {
  await client.query(`begin; set local lock_timeout = '${lockSeconds}s'`);
  try {
    await client.query(migration.sql);
    await client.query(
      `insert into _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count) values ($1, $2, now(), $3, 1)`,
      [randomUUID(), migration.checksum, migration.name],
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}
