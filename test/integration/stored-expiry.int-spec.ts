import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { StoredExpiryRepository } from '../../src/modules/stored-completions/stored-expiry.repository.js';
import { StoredExpiryService } from '../../src/modules/stored-completions/stored-expiry.service.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import { createMigratedDatabase } from '../support/app.js';
import type { TestDatabase } from '../support/postgres.js';

let database: TestDatabase;
let connections: ConnectionPool;
let client: pg.Client;
let service: StoredExpiryService;

beforeAll(async () => {
  database = await createMigratedDatabase();
  connections = new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 2 });
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  service = new StoredExpiryService(new StoredExpiryRepository(new PlatformDatabase(connections)));
});
beforeEach(async () => {
  await client.query('delete from tenants');
  await client.query(`insert into tenants (id, slug, name) values ('ten_usual', 'u', 'u')`);
  await client.query(`insert into tenants (id, slug, name, stored_days) values ('ten_week', 'w', 'w', 7)`);
});
afterAll(async () => {
  await client.end();
  await connections.close();
  await database.drop();
});

/** Completions of a tenant that were stored so many days ago. */
async function make(tenantId: string, days: number, ids: readonly string[]): Promise<void> {
  await client.query(
    `insert into stored_completions (tenant_id, id, key_id, model, completion, messages, bytes, created_at)
     select $1, id, 'key_a', 'm', '{}', '[]', 2, now() - make_interval(mins => $2) from unnest($3::text[]) as id`,
    [tenantId, Math.round(days * 1440), ids],
  );
}

const left = async (): Promise<string[]> =>
  (await client.query<{ id: string }>('select id from stored_completions order by id')).rows.map(({ id }) => id);

describe('the expiry of what was stored', () => {
  it("removes what is older than its tenant's days, 30 where it says nothing, and nothing else", async () => {
    await make('ten_usual', 30.1, ['a-old']);
    await make('ten_usual', 29.9, ['b-young']);
    await make('ten_week', 7.1, ['c-old']);
    await make('ten_week', 6.9, ['d-young']);
    expect(await service.expire(new AbortController().signal)).toBe(2);
    expect(await left()).toEqual(['b-young', 'd-young']);
  });

  it('works through more than a batch, of several tenants', async () => {
    const ids = Array.from({ length: 1_100 }, (_unused, at) => `old-${at}`);
    await make('ten_usual', 31, ids);
    await make('ten_week', 31, ids);
    await make('ten_week', 1, ['young']);
    expect(await service.expire(new AbortController().signal)).toBe(2_200);
    expect(await left()).toEqual(['young']);
  });

  it('stops when it is asked to', async () => {
    await make('ten_usual', 31, ['old']);
    expect(await service.expire(AbortSignal.abort())).toBe(0);
    expect(await left()).toEqual(['old']);
  });
});

describe('the table', () => {
  const tooLong = (bytes: number): string => JSON.stringify(['x'.repeat(bytes)]);

  it.each([
    ['messages of more than 16 MiB', 'messages', tooLong(16 * 1024 * 1024)],
    ['a completion of more than 32 MiB', 'completion', tooLong(32 * 1024 * 1024)],
    ['metadata that is no object', 'metadata', '[]'],
  ])('refuses %s', async (_what, column, value) => {
    const values = { metadata: '{}', completion: '{}', messages: '[]', [column]: value };
    const insert = client.query(
      `insert into stored_completions (tenant_id, id, key_id, model, metadata, completion, messages, bytes) values ('ten_week', 'x', 'k', 'm', $1, $2, $3, 2)`,
      [values.metadata, values.completion, values.messages],
    );
    await expect(insert).rejects.toThrow('violates check constraint');
  });
});
