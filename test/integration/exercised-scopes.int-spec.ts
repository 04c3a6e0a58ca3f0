import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { migrate } from '../../src/platform/database/migrate.js';
import { createMigratedDatabase } from '../support/app.js';
import type { TestDatabase } from '../support/postgres.js';

const migration = '20261130014000_exercised_scopes';
let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createMigratedDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(`
    delete from _prisma_migrations where migration_name = '${migration}';
    insert into tenants (id, slug, name) values ('ten_1', 'one', 'One');
    insert into keys (tenant_id, id, name, purpose, scopes) values
      ('ten_1', 'key_files', 'files', 'inference', '{}'), ('ten_1', 'key_chat', 'chat', 'inference', '{}'),
      ('ten_1', 'key_plain', 'plain', 'inference', '{}');
    insert into key_exercise (tenant_id, key_id, kind, value, calls, first_at, last_at) values
      ('ten_1', 'key_files', 'route', 'files.get', 3, '2026-01-01Z', '2026-01-02Z'),
      ('ten_1', 'key_files', 'route', 'upload_targets.list', 3, '2026-01-03Z', '2026-01-04Z'),
      ('ten_1', 'key_chat', 'route', 'chat.completions.create', 3, '2026-01-01Z', '2026-01-02Z'),
      ('ten_1', 'key_chat', 'endpoint', 'files.get', 3, '2026-01-01Z', '2026-01-02Z'),
      ('ten_1', 'key_plain', 'route', 'conversations.list', 3, '2026-01-01Z', '2026-01-02Z')`);
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

describe('what keys exercised before it was told which scopes their calls needed', () => {
  it('counts as all that the calls may have needed, at their times', async () => {
    expect(await migrate(database.url)).toEqual({ applied: [migration] });
    const { rows } = await client.query<{ line: string }>(`
      select key_id || ' ' || value || ' ' || calls || ' ' || extract(day from first_at at time zone 'UTC')
             || '-' || extract(day from last_at at time zone 'UTC') as line
        from key_exercise where kind = 'scope' order by 1`);
    expect(rows.map(({ line }) => line)).toEqual([
      'key_chat datasets:read 0 1-2',
      'key_chat files:read 0 1-2',
      'key_chat inference:override 0 1-2',
      'key_chat vector_stores:read 0 1-2',
      'key_files conversations:files 0 1-4',
      'key_files conversations:read 0 1-2',
      'key_files datasets:read 0 1-4',
      'key_files datasets:write 0 1-4',
      'key_files files:read 0 1-2',
    ]);
  });
});
