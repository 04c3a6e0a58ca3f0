import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { loadConfig } from '../../src/config/load-config.js';
import { PriceDirectory } from '../../src/modules/prices/price-directory.js';
import { PriceDirectoryRepository } from '../../src/modules/prices/price-directory.repository.js';
import { termsOf } from '../../src/modules/prices/price-terms.js';
import { PricesRepository } from '../../src/modules/prices/prices.repository.js';
import { ChangeFeed } from '../../src/platform/database/change-feed.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import { TenantDatabase } from '../../src/platform/database/tenant-database.js';
import { createMigratedDatabase, testSettings } from '../support/app.js';
import { runFolder, type TestDatabase } from '../support/postgres.js';
import { until } from '../support/until.js';

let database: TestDatabase;
let connections: ConnectionPool;
let client: pg.Client;
/** Those of two processes. */
let directories: PriceDirectory[];
const feeds: ChangeFeed[] = [];

beforeAll(async () => {
  database = await createMigratedDatabase();
  connections = new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 4 });
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(`
    insert into tenants (id, slug, name) values ('ten_a', 'a', 'a'), ('ten_b', 'b', 'b');
    insert into connections (tenant_id, id, name, base_url)
      select 'ten_' || t, 'con_1', 'main', 'https://api.openai.com/v1' from unnest('{a,b}'::text[]) t;
    insert into prices (id, provider, model, valid_from, currency, amounts)
      values ('prc_1', 'openai', 'big', to_timestamp(0), 'USD', '{"input": 1}');
    insert into tenant_prices (tenant_id, id, connection_id, model, valid_from, markup_per_mille)
      values ('ten_b', 'tpr_b', 'con_1', 'big', to_timestamp(0), 500)`);
  directories = await Promise.all([newDirectory(), newDirectory()]);
});
afterAll(async () => {
  for (const feed of feeds) await feed.onApplicationShutdown();
  await client.end();
  await connections.close();
  await database.drop();
});

async function newDirectory(): Promise<PriceDirectory> {
  const config = loadConfig({ ...testSettings, DATABASE_URL: database.url, GT_DATA_DIR: runFolder() });
  const feed = new ChangeFeed(config);
  feeds.push(feed);
  const prices = new PricesRepository(new PlatformDatabase(connections));
  const repository = new PriceDirectoryRepository(new TenantDatabase(connections));
  const directory = new PriceDirectory(prices, repository, feed, config);
  await feed.onApplicationBootstrap();
  return directory;
}

const call = { connectionId: 'con_1', model: 'big', startedAtMs: Date.now() };
const termsIn = async (directory: PriceDirectory, tenantId: string) => termsOf(await directory.of(tenantId), call);

describe('the price directory', () => {
  it('prices the calls of each tenant by its own rows', async () => {
    for (const directory of directories) {
      expect(await termsIn(directory, 'ten_a')).toMatchObject({ priceId: 'prc_1', markupPerMille: 0 });
      expect(await termsIn(directory, 'ten_b')).toMatchObject({ priceId: 'prc_1', markupPerMille: 500 });
      expect(await termsIn(directory, 'ten_absent')).toBeUndefined();
    }
  });

  it('waits for no database once it is warm', async () => {
    const [directory] = directories as [PriceDirectory];
    await until('it is warm', async () => (await directory.of('ten_a')) !== undefined && directory.peek('ten_a') !== undefined);
    await client.query('begin; lock table prices, tenant_prices, tenants, connections in access exclusive mode');
    try {
      expect(await termsIn(directory, 'ten_a')).toMatchObject({ priceId: 'prc_1' });
      const book = directory.peek('ten_a');
      expect(book === undefined ? undefined : termsOf(book, call)).toMatchObject({ priceId: 'prc_1' });
    } finally {
      await client.query('rollback');
    }
  });

  it.each([
    [
      'a price',
      `insert into tenant_prices values ('ten_a', 'tpr_a', 'con_1', 'big', to_timestamp(0), 'EUR', '{"input": 2}')`,
      'tpr_a',
      0,
    ],
    ['a changed price', `update tenant_prices set markup_per_mille = 70 where id = 'tpr_a'`, 'tpr_a', 70],
    ['the end of a price', `delete from tenant_prices where id = 'tpr_a'`, 'prc_1', 0],
    ['a mark-up', `update tenants set markup_per_mille = 30 where id = 'ten_a'`, 'prc_1', 30],
    [
      "a provider's price",
      `insert into prices values ('prc_2', 'openai', 'big', now() - interval '1 day', 'USD', '{"input": 3}')`,
      'prc_2',
      30,
    ],
    [
      'another address',
      `update connections set base_url = 'https://own.example/v1' where tenant_id = 'ten_a'`,
      undefined,
      undefined,
    ],
  ])('of every process follows %s', async (_, change, priceId, markupPerMille) => {
    await client.query(change);
    for (const directory of directories) {
      await until('the change has come', async () => {
        const terms = await termsIn(directory, 'ten_a');
        return terms?.priceId === priceId && terms?.markupPerMille === markupPerMille;
      });
    }
    expect(await termsIn(directories[0] as PriceDirectory, 'ten_b')).toMatchObject({ markupPerMille: 500 });
  });
});
