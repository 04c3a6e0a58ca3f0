import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { loadConfig } from '../../src/config/load-config.js';
import { newId } from '../../src/kernel/ids.js';
import { ErasureRunner } from '../../src/modules/erasure/erasure-runner.js';
import { ErasureSearch } from '../../src/modules/erasure/erasure-search.js';
import { ErasuresRepository } from '../../src/modules/erasure/erasures.repository.js';
import { TenantLeftovers } from '../../src/modules/erasure/tenant-leftovers.js';
import { TenantRowsRepository } from '../../src/modules/erasure/tenant-rows.repository.js';
import { InstallationRepository } from '../../src/modules/files/intake/installation.repository.js';
import { StorageClaim } from '../../src/modules/files/intake/storage-claim.js';
import { Log } from '../../src/observability/log.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import { PostgresLimitStore } from '../../src/platform/limits/postgres-limit-store.js';
import { PostgresBackend } from '../../src/platform/queue/postgres-backend.js';
import { QueueService } from '../../src/platform/queue/queue.service.js';
import { objectKey, objectPrefix } from '../../src/platform/storage/object-key.js';
import { LocalObjectStore } from '../../src/platform/storage/local-object-store.js';
import { createMigratedDatabase, testSettings } from '../support/app.js';
import { runFolder, type TestDatabase } from '../support/postgres.js';

const never = new AbortController().signal;

let database: TestDatabase;
let connections: ConnectionPool;
/** A superuser, who may do anything. */
let direct: pg.Client;
let store: LocalObjectStore;
let limits: PostgresLimitStore;
let queue: QueueService;
let installation: { readonly id: string; readonly database: string };
let repository: ErasuresRepository;
const queueErrors: unknown[] = [];

beforeAll(async () => {
  database = await createMigratedDatabase();
  connections = new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 6 });
  direct = new pg.Client({ connectionString: database.url });
  await direct.connect();
  // Other programs may live in the same database.
  await direct.query(`create schema other; create table other.unreachable (tenant_id text); create table other_things (tenant_id uuid);
    grant all on other.unreachable, other_things to public; insert into other_things values (gen_random_uuid())`);
  store = new LocalObjectStore({ root: mkdtempSync(join(runFolder(), 'erased-')) });
  limits = new PostgresLimitStore(database.url);
  queue = new QueueService(new PostgresBackend(database.url, connections.pool), (error) => queueErrors.push(error));
  installation = await new InstallationRepository(new PlatformDatabase(connections)).read();
  repository = new ErasuresRepository(new PlatformDatabase(connections));
});
afterAll(async () => {
  expect(queueErrors).toEqual([]);
  await queue.close();
  await limits.close();
  await store.close();
  await direct.end();
  await connections.close();
  await database.drop();
});

/** What one worker process has. */
function runner(): ErasureRunner {
  const config = loadConfig({ ...testSettings, DATABASE_URL: database.url });
  const log = new Log(config);
  const platform = new PlatformDatabase(connections);
  const rows = new TenantRowsRepository(platform);
  const claim = new StorageClaim(new InstallationRepository(platform), store, log);
  const leftovers = new TenantLeftovers(store, claim, queue, limits);
  return new ErasureRunner(repository, rows, leftovers, new ErasureSearch(rows, leftovers), log, config);
}

/** A tenant that is to be erased, with an object. */
async function begun(slug: string): Promise<{ readonly id: string; readonly tenantId: string }> {
  const [id, tenantId] = [newId('erasure'), newId('tenant')];
  await direct.query('insert into tenants (id, slug, name, updated_at) values ($1, $2, $2, now())', [tenantId, slug]);
  await direct.query('insert into erasures (id, tenant, slug) values ($1, $2, $3)', [id, tenantId, slug]);
  const writer = await store.beginWrite();
  writer.stream.end('content');
  await writer.commit(objectKey(installation.id, tenantId, newId('file')));
  return { id, tenantId };
}

async function objectsOf(tenantId: string): Promise<number> {
  let count = 0;
  for await (const _object of store.list(objectPrefix(installation.id, tenantId))) count += 1;
  return count;
}

const soon = (): Promise<unknown> => direct.query('update erasures set next_at = now()');

describe('an erasure', () => {
  it('is not done while a search finds what no deletion reaches, and says where it is', async () => {
    const { id, tenantId } = await begun('found');
    await direct.query(
      `insert into prices (id, provider, model, valid_from, currency, amounts, origin) values ('prc_x', $1, 'm', now(), 'USD', '{"input":1}', 'own')`,
      [`of ${tenantId}`],
    );
    await runner().run(id, never);
    const first = await repository.find(id);
    expect(first).toMatchObject({
      state: 'running',
      slug: 'found',
      failure: 'Something is left.',
      proof: { rows: 1, objects: 0, jobs: 0, left: [{ table: 'prices', rows: 1 }] },
    });
    await direct.query(`update prices set provider = 'found' where id = 'prc_x'`);
    await soon();
    await runner().run(id, never);
    expect((await direct.query('select from other_things')).rowCount).toBe(1);
    expect(await repository.find(id)).toMatchObject({
      state: 'done',
      slug: null,
      failure: null,
      attempts: 2,
      proof: {
        rows: 0,
        left: [],
        not_searched: expect.arrayContaining(['other.unreachable']),
        kept: expect.arrayContaining([expect.objectContaining({ table: 'prices', rows: 1 })]),
      },
    });
  });

  it('touches no object of a storage that another database has claimed, and goes on when it is ours', async () => {
    const { id, tenantId } = await begun('claimed');
    await store.reclaim(installation.id, 'another database');
    await runner().run(id, never);
    expect(await repository.find(id)).toMatchObject({
      state: 'running',
      proof: null,
      failure: expect.stringContaining('claimed by another database'),
    });
    expect(await objectsOf(tenantId)).toBe(1);
    await store.reclaim(installation.id, installation.database);
    await soon();
    await runner().run(id, never);
    expect(await repository.find(id)).toMatchObject({ state: 'done', proof: { objects: 0 } });
    expect(await objectsOf(tenantId)).toBe(0);
  });

  it('is made once, however many workers look for it', async () => {
    const all = await Promise.all(['a', 'b', 'c'].map((slug) => begun(`many-${slug}`)));
    const workers = [runner(), runner(), runner()];
    await Promise.all(all.flatMap(({ id }) => workers.map((one) => one.run(id, never))));
    for (const { id, tenantId } of all) {
      expect(await repository.find(id)).toMatchObject({ state: 'done', attempts: 1 });
      expect(await objectsOf(tenantId)).toBe(0);
    }
  });
});
