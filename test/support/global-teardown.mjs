import { basename } from 'node:path';
import pg from 'pg';
import { removeRunFolder } from './run-folder.mjs';

/** Ends what the run's tests shared: its PostgreSQL, or its databases on the server that was given. */
export default async function globalTeardown() {
  const folder = process.env.GT_TEST_RUN_DIR;
  if (folder === undefined) return;
  if (process.env.GT_TEST_DATABASE_URL) await dropDatabases(process.env.GT_TEST_DATABASE_URL, basename(folder));
  await removeRunFolder(folder);
}

async function dropDatabases(url, run) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const prefix = run.toLowerCase().replaceAll('-', '_');
  const { rows } = await client.query('select datname from pg_database where starts_with(datname, $1)', [prefix]);
  for (const { datname } of rows) await client.query(`drop database if exists "${datname}" with (force)`);
  await client.end();
}
