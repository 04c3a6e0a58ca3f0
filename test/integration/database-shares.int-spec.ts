import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import { TenantDatabase } from '../../src/platform/database/tenant-database.js';
import { createMigratedDatabase } from '../support/app.js';
import { until } from '../support/until.js';

let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
/** Holds the lock that slow transactions wait for. */
let holder: pg.Client;
let connections: ConnectionPool;
let tenants: TenantDatabase;
let platform: PlatformDatabase;

beforeAll(async () => {
  database = await createMigratedDatabase();
  holder = new pg.Client({ connectionString: database.url });
  await holder.connect();
});
beforeEach(async () => {
  // Ten connections: two are left to the platform, a share of the others is three.
  connections = new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 10 });
  tenants = new TenantDatabase(connections);
  platform = new PlatformDatabase(connections);
  await holder.query('select pg_advisory_lock(1)');
});
afterEach(async () => {
  await holder.query('select pg_advisory_unlock_all()');
  await connections.close();
});
afterAll(async () => {
  await holder.end();
  await database.drop();
});

/** A transaction of each form that waits for the lock. */
const slow: readonly ((tenantId: string) => Promise<unknown>)[] = [
  (tenantId) => tenants.run(tenantId, (tx) => tx.$queryRaw`select 1 as done from pg_advisory_xact_lock(1)`),
  (tenantId) => tenants.runPlain(tenantId, async (tx) => await tx.$queryRaw`select pg_advisory_xact_lock(1)`),
  (tenantId) => tenants.runAtOnce(tenantId, () => 'select pg_advisory_xact_lock(1)'),
];

const flood = (tenantId: string): Promise<unknown>[] =>
  Array.from({ length: 60 }, (_, at) => slow[at % slow.length]?.(tenantId) ?? Promise.reject(new Error('no form')));

const quick = (tenantId: string): Promise<unknown> => tenants.run(tenantId, (tx) => tx.$queryRaw`select 1 as done`);

const inUse = async (): Promise<number> => {
  const { rows } = await holder.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity where application_name = 'gt-api' and wait_event = 'advisory'`,
  );
  return rows[0]?.count ?? NaN;
};

describe('a tenant whose transactions take long', () => {
  it('leaves a share of the connections to others, and its own go on in line', async () => {
    await quick('ten_other');
    const all = flood('ten_greedy');
    await until('it has what it may have', async () => (await inUse()) === 5);
    await Promise.all([quick('ten_other'), quick('ten_third')]);
    expect([connections.places.taken, connections.places.waiting]).toEqual([5, 55]);
    await holder.query('select pg_advisory_unlock_all()');
    await Promise.all(all);
    expect([connections.places.taken, connections.places.waiting]).toEqual([0, 0]);
  });

  it('never holds up the platform itself, also where it is the only one', async () => {
    const all = flood('ten_greedy');
    await until('it has all that are for tenants', async () => (await inUse()) === 8);
    const others = quick('ten_other');
    await platform.run((tx) => tx.$queryRaw`select 1 as done`);
    await platform.runSql((client) => client.query('select 1'));
    expect(connections.places.waiting).toBe(53);
    await holder.query('select pg_advisory_unlock_all()');
    await Promise.all([...all, others]);
  });
});
