import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { WebhookSweepRepository } from '../../src/modules/webhooks/webhook-sweep.repository.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import { createMigratedDatabase } from '../support/app.js';
import type { TestDatabase } from '../support/postgres.js';

let database: TestDatabase;
let connections: ConnectionPool;
let client: pg.Client;
let sweep: WebhookSweepRepository;

beforeAll(async () => {
  database = await createMigratedDatabase();
  connections = new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 2 });
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  sweep = new WebhookSweepRepository(new PlatformDatabase(connections));
});
afterAll(async () => {
  await client.end();
  await connections.close();
  await database.drop();
});

describe('former secrets of webhooks', () => {
  it('are removed over all tenants when they sign no more, a batch at a time, and never before', async () => {
    await client.query(`
      insert into tenants (id, slug, name) values ('ten_1', 'one', 'One'), ('ten_2', 'two', 'Two');
      insert into webhooks (tenant_id, id, url, secret) select id, 'whk_1', 'https://a.example', 'x' from tenants;
      insert into webhook_former_secrets (tenant_id, id, webhook_id, secret, expires_at)
        select t.id, 'whs_' || minutes, 'whk_1', 'x', now() + make_interval(mins => minutes)
          from tenants t, unnest(array[-60, -1, 1]) as minutes`);
    const batches = [await sweep.deleteEndedSecrets(3), await sweep.deleteEndedSecrets(3), await sweep.deleteEndedSecrets(3)];
    expect(batches).toEqual([3, 1, 0]);
    const { rows } = await client.query('select tenant_id, id from webhook_former_secrets order by tenant_id');
    expect(rows).toEqual([
      { tenant_id: 'ten_1', id: 'whs_1' },
      { tenant_id: 'ten_2', id: 'whs_1' },
    ]);
  });
});
