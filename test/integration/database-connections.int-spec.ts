import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { checkDatabase } from '../../src/cli/doctor/server/database.js';
import { loadConfig } from '../../src/config/load-config.js';
import { DatabaseReadiness } from '../../src/modules/system/database-readiness.js';
import { ChangeFeed } from '../../src/platform/database/change-feed.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { FeedConnection } from '../../src/platform/database/feed-connection.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import { TenantDatabase } from '../../src/platform/database/tenant-database.js';
import { PostgresBackend } from '../../src/platform/queue/postgres-backend.js';
import { ChunkSource } from '../../src/platform/vectors/memory/chunk-source.js';
import { MemorySearcher } from '../../src/platform/vectors/memory/memory-searcher.js';
import { pgvectorDatabase } from '../../src/platform/vectors/pgvector/pgvector-database.js';
import { createMigratedDatabase, testSettings } from '../support/app.js';
import { addFile, addTenant, model, vectorOf } from '../support/passages.js';
import type { TestDatabase } from '../support/postgres.js';

/*
 * All run with a login that may take the two roles and has no right of its own to any table of a tenant: what works
 * here takes a role for whatever it reads of tenants, and what runs as the login reads nothing of them.
 */
const login = `gt_login_${randomBytes(6).toString('hex')}`;
const askFiles = `select id, current_user::text as role from files order by id`;
const both = [
  { id: 'file_acme', role: 'gt_platform' },
  { id: 'file_other', role: 'gt_platform' },
];
const tenants = ['', 'ten_acme', 'ten_other'] as const;

let database: TestDatabase;
let owner: pg.Pool;
let url: string;
let connections: ConnectionPool;

function seenBy(tenantId: string): readonly { id: string; role: string }[] {
  return tenantId === '' ? [] : [{ id: tenantId.replace('ten_', 'file_'), role: 'gt_app' }];
}

beforeAll(async () => {
  database = await createMigratedDatabase();
  owner = new pg.Pool({ connectionString: database.url, max: 2 });
  owner.on('error', () => undefined);
  for (const slug of ['acme', 'other']) {
    await addTenant((text, values = []) => owner.query(text, [...values]), slug);
    const file = { tenantId: `ten_${slug}`, id: `file_${slug}`, datasetId: `ds_${slug}`, chunks: [`The canary of ${slug}.`] };
    await addFile((text, values = []) => owner.query(text, [...values]), file);
  }
  const address = new URL(database.url);
  await owner.query(`
    create role ${login} login password 'canary';
    grant gt_app, gt_platform to ${login} with inherit false, set true;
    grant create on database "${address.pathname.slice(1)}" to ${login};
    grant select on _prisma_migrations to ${login}`);
  address.username = login;
  address.password = 'canary';
  url = address.toString();
  connections = new ConnectionPool({ DATABASE_URL: url, GT_DATABASE_POOL: 2 });
});
afterAll(async () => {
  await connections.close();
  await owner.query(`drop owned by ${login} cascade; drop role ${login}`);
  await owner.end();
  await database.drop();
});

describe('a connection to the database', () => {
  it.each(tenants)('of the tenant database sees the rows of the tenant "%s" alone', async (tenantId) => {
    const seen = await new TenantDatabase(connections).run(tenantId, (tx) => tx.$queryRawUnsafe(askFiles));
    expect(seen).toEqual(seenBy(tenantId));
  });

  it('of the platform database sees all tenants as gt_platform, and the pool keeps no role afterwards', async () => {
    const platform = new PlatformDatabase(connections);
    expect(await platform.run((tx) => tx.$queryRawUnsafe(askFiles))).toEqual(both);
    expect(await platform.runSql(async (client) => (await client.query(askFiles)).rows)).toEqual(both);
    await expect(connections.pool.query(askFiles)).rejects.toThrow('permission denied for table files');
  });

  it('of the change feed runs as gt_platform', async () => {
    const ignore = (): void => undefined;
    const feed = await FeedConnection.open({ databaseUrl: url, limitMs: 5_000, onNotification: ignore, onBroken: ignore });
    expect(await feed.rows(askFiles)).toEqual(both);
    await feed.end();
  });

  it.each(tenants)('of search in memory finds passages of the tenant "%s" alone', async (tenantId) => {
    const searcher = new MemorySearcher({ databaseUrl: url, memoryBytes: 1_000_000 });
    const scope = { datasetIds: ['ds_acme', 'ds_other'], conversationIds: [], embeddingModel: model };
    const hits = await searcher.nearest(tenantId, scope, Float32Array.from(vectorOf('canary')), 10);
    await searcher.close();
    expect(hits.map(({ fileId }) => fileId)).toEqual(seenBy(tenantId).map(({ id }) => id));
    const ready = await ChunkSource.read(connections.pool, tenantId, async (source) => [
      ...(await source.readySets({ column: 'dataset_id', id: 'ds_acme' })),
      ...(await source.readySets({ column: 'dataset_id', id: 'ds_other' })),
    ]);
    expect(ready.map(({ fileId }) => fileId)).toEqual(seenBy(tenantId).map(({ id }) => id));
  });

  it.each(tenants)('of pgvector sees the rows of the tenant "%s" alone, and takes no role to build indexes', async (tenantId) => {
    const vectors = pgvectorDatabase(new TenantDatabase(connections), url);
    expect(await vectors.inTenant(tenantId, (session) => session.query(askFiles))).toEqual(seenBy(tenantId));
    await expect(vectors.asOwner((session) => session.query(askFiles))).rejects.toThrow('permission denied for table files');
    await vectors.close();
  });

  it('of the queue needs no right to a table of a tenant', async () => {
    const backend = new PostgresBackend(url, connections.pool);
    const queue = await backend.openQueue('canary', () => undefined);
    await queue.add('job', {}, {});
    await backend.ping();
    await queue.close();
    const { rows } = await owner.query(`select pg_get_userbyid(nspowner) as owner from pg_namespace where nspname = 'bullmq'`);
    expect(rows).toEqual([{ owner: login }]);
  });

  it('of readiness needs no right to a table of a tenant', async () => {
    const config = loadConfig({ ...testSettings, DATABASE_URL: url });
    const feed = new ChangeFeed(config);
    const readiness = new DatabaseReadiness(connections, feed);
    expect(await readiness.migrations()).toMatchObject({ ok: true });
    // The feed was not started: it is asked, too.
    expect(await readiness.answers()).toEqual({ ok: true });
    await feed.onApplicationShutdown();
  });

  it('of the doctor takes gt_platform for the operators and needs no right besides', async () => {
    const { checks } = await checkDatabase({ DATABASE_URL: url });
    expect(checks.map(({ check, detail }) => [check, detail])).toEqual([
      ['database', expect.stringContaining('PostgreSQL')],
      ['migrations', 'all are applied.'],
      ['isolation', 'no tenant sees rows of another.'],
      ['operators', 'No operator has a token.'],
    ]);
  });
});
