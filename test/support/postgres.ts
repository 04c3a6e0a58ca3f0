import { randomBytes } from 'node:crypto';
import { chownSync, mkdirSync, statfsSync, statSync } from 'node:fs';
import { freemem } from 'node:os';
import { basename, dirname, join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres/embedded-postgres.js';

/** A database that a test has for itself. */
export interface TestDatabase {
  readonly url: string;
  /** Removes the database with all connections to it. The end of the run removes what was not dropped. */
  drop(): Promise<void>;
}

/** A database to copy, made once per run, e.g. one with all migrations. `prepare` must close its connections. */
export interface DatabaseTemplate {
  readonly name: string;
  prepare(url: string): Promise<void>;
}

const templateLock = 811_254_301;
const gibibyte = 1024 ** 3;

/** The folder of this run of jest, made by `global-setup.mjs`. */
export function runFolder(): string {
  const folder = process.env['GT_TEST_RUN_DIR'];
  if (folder === undefined) throw new Error('GT_TEST_RUN_DIR is not set: run the tests with test/jest.config.mjs.');
  return folder;
}

let server: Promise<string> | undefined;

/**
 * Address of the PostgreSQL that all tests of a run share: GT_TEST_DATABASE_URL when it is given, else an embedded one
 * that the first caller starts, also among several jest workers. It does not wait for the disk.
 */
export function testServerUrl(): Promise<string> {
  const given = process.env['GT_TEST_DATABASE_URL'];
  if (given !== undefined && given !== '') return Promise.resolve(given);
  server ??= startEmbeddedPostgres({
    dataDir: join(runFolder(), 'postgres'),
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  }).then(({ url }) => url);
  return server;
}

/** Makes a fresh database: empty, or a copy of the template. */
export async function createTestDatabase(options: { readonly template?: DatabaseTemplate } = {}): Promise<TestDatabase> {
  const serverUrl = await testServerUrl();
  const name = databaseName(randomBytes(6).toString('hex'));
  await withClient(serverUrl, async (client) => {
    // One at a time: PostgreSQL copies a database only while nobody is connected to it.
    await client.query('select pg_advisory_lock($1)', [templateLock]);
    const place = await placeOfDatabases(client);
    const template =
      options.template === undefined ? 'template0' : await ensureTemplate(client, serverUrl, options.template, place);
    await client.query(`create database ${name} template ${template} ${place}`);
  });
  return {
    url: urlOf(serverUrl, name),
    drop: () =>
      withClient(serverUrl, async (client) => void (await client.query(`drop database if exists ${name} with (force)`))),
  };
}

/**
 * Where databases are made: in memory where there is room, else where the server has its data. A database is some seven hundred
 * files, and a disk takes a third of a second of a core to make them: longer than most tests.
 */
async function placeOfDatabases(client: pg.Client): Promise<string> {
  const given = process.env['GT_TEST_DATABASE_URL'];
  const folder = process.env['GT_TEST_MEMORY_DIR'];
  if ((given !== undefined && given !== '') || folder === undefined || !hasRoom(dirname(folder))) return '';
  const { rowCount } = await client.query("select 1 from pg_tablespace where spcname = 'in_memory'");
  if (rowCount === 0) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { uid, gid } = statSync(join(runFolder(), 'postgres', 'cluster', 'data'));
    chownSync(folder, uid, gid);
    await client.query(`create tablespace in_memory location '${folder}'`);
  }
  return 'tablespace in_memory strategy file_copy';
}

/** A few hundred MB are needed; in full, the tests of large datasets need more. */
function hasRoom(memory: string): boolean {
  if (process.platform !== 'linux' || freemem() < 4 * gibibyte) return false;
  try {
    const { bavail, bsize } = statfsSync(memory);
    return bavail * bsize >= 2 * gibibyte;
  } catch {
    return false;
  }
}

async function ensureTemplate(client: pg.Client, serverUrl: string, template: DatabaseTemplate, place: string): Promise<string> {
  const name = databaseName(`tpl_${template.name}`);
  const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
  if (rowCount !== 0) return name;
  const unfinished = `${name}_new`;
  await client.query(`drop database if exists ${unfinished} with (force)`);
  await client.query(`create database ${unfinished} template template0 ${place}`);
  await template.prepare(urlOf(serverUrl, unfinished));
  await client.query(`alter database ${unfinished} rename to ${name}`);
  return name;
}

function databaseName(suffix: string): string {
  return `${basename(runFolder()).toLowerCase()}_${suffix}`.replace(/[^a-z0-9_]/g, '_');
}

function urlOf(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.toString();
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Runs a statement as the login of the address, to whom the tables belong. */
export function runAsLogin(url: string, sql: string): Promise<unknown> {
  return withClient(url, (client) => client.query(sql));
}
