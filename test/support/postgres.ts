import { randomBytes } from 'node:crypto';
import { basename, join } from 'node:path';
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
    if (options.template === undefined) {
      await client.query(`create database ${name} template template0`);
      return;
    }
    // One at a time: PostgreSQL copies a database only while nobody is connected to it.
    await client.query('select pg_advisory_lock($1)', [templateLock]);
    const template = await ensureTemplate(client, serverUrl, options.template);
    await client.query(`create database ${name} template ${template}`);
  });
  return {
    url: urlOf(serverUrl, name),
    drop: () =>
      withClient(serverUrl, async (client) => void (await client.query(`drop database if exists ${name} with (force)`))),
  };
}

async function ensureTemplate(client: pg.Client, serverUrl: string, template: DatabaseTemplate): Promise<string> {
  const name = databaseName(`tpl_${template.name}`);
  const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
  if (rowCount !== 0) return name;
  const unfinished = `${name}_new`;
  await client.query(`drop database if exists ${unfinished} with (force)`);
  await client.query(`create database ${unfinished} template template0`);
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
