import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { loadConfig } from '../../src/config/load-config.js';
import { brokenOff } from '../../src/modules/connections/circuit/call-outcome.js';
import { ConnectionCircuits } from '../../src/modules/connections/circuit/connection-circuits.js';
import { unused, type ConnectionHealth } from '../../src/modules/connections/circuit/connection-health.js';
import { ConnectionHealthRepository } from '../../src/modules/connections/circuit/connection-health.repository.js';
import { ConnectionReports } from '../../src/modules/connections/circuit/connection-reports.js';
import { ConnectionsHealth } from '../../src/modules/connections/circuit/connections-health.js';
import { SweepRepository } from '../../src/modules/system/sweep.repository.js';
import { SweepService } from '../../src/modules/system/sweep.service.js';
import { Log } from '../../src/observability/log.js';
import { Metrics } from '../../src/observability/metrics.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import { TenantDatabase } from '../../src/platform/database/tenant-database.js';
import { createMigratedDatabase, testSettings } from '../support/app.js';
import type { TestDatabase } from '../support/postgres.js';
import { until } from '../support/until.js';

let database: TestDatabase;
let connections: ConnectionPool;
let client: pg.Client;
let repository: ConnectionHealthRepository;
let health: ConnectionsHealth;

beforeAll(async () => {
  database = await createMigratedDatabase();
  connections = new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 4 });
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  repository = new ConnectionHealthRepository(new PlatformDatabase(connections));
  health = new ConnectionsHealth(new TenantDatabase(connections));
});
beforeEach(async () => {
  await client.query('delete from tenants');
  await client.query(`insert into tenants (id, slug, name) values ('ten_a', 'a', 'a'), ('ten_b', 'b', 'b')`);
  await client.query(
    `insert into connections (tenant_id, id, name, base_url) values ('ten_a', 'con_1', 'x', 'https://x.example'), ('ten_b', 'con_1', 'x', 'https://x.example')`,
  );
});
afterAll(async () => {
  await client.end();
  await connections.close();
  await database.drop();
});

const some: ConnectionHealth = {
  state: 'open',
  retryAtMs: 2_000_000_000_000,
  calls: 5,
  failures: 3,
  lastFailure: { code: 'timeout', atMs: 1_999_999_999_000 },
};
const ofA = async (): Promise<ConnectionHealth | undefined> => (await health.of('ten_a', ['con_1'])).get('con_1');
const rows = async (): Promise<number> => (await client.query('select from connection_health')).rowCount ?? 0;

describe('how connections fare', () => {
  it('is read as it was written, the latest of each process, within its tenant', async () => {
    await repository.write('p1', [{ tenantId: 'ten_a', id: 'con_1', health: { ...unused, calls: 9 } }]);
    await repository.write('p1', [{ tenantId: 'ten_a', id: 'con_1', health: some }]);
    expect(await ofA()).toEqual(some);
    await repository.write('p2', [{ tenantId: 'ten_a', id: 'con_1', health: { ...unused, calls: 2 } }]);
    expect(await ofA()).toEqual({ ...some, calls: 7 });
    expect((await health.of('ten_b', ['con_1'])).size).toBe(0);
    expect((await health.of('ten_a', [])).size).toBe(0);
  });

  it('leaves out connections that were deleted meanwhile, and goes with them', async () => {
    await repository.write('p1', [
      { tenantId: 'ten_a', id: 'con_gone', health: some },
      { tenantId: 'ten_a', id: 'con_1', health: some },
    ]);
    expect([await rows(), await ofA()]).toEqual([1, some]);
    await client.query(`delete from connections where tenant_id = 'ten_a'`);
    expect(await rows()).toBe(0);
  });

  it('forgets a process that has been silent for two minutes, and removes its rows after ten', async () => {
    await repository.write('dead', [{ tenantId: 'ten_a', id: 'con_1', health: some }]);
    const silentFor = (time: string) => client.query('update connection_health set written_at = now() - $1::interval', [time]);
    await silentFor('100 seconds');
    expect(await ofA()).toEqual(some);
    await silentFor('130 seconds');
    expect(await ofA()).toBeUndefined();
    const sweep = new SweepService(new SweepRepository(new PlatformDatabase(connections)));
    await sweep.sweep(new AbortController().signal);
    expect(await rows()).toBe(1);
    await silentFor('11 minutes');
    await sweep.sweep(new AbortController().signal);
    expect(await rows()).toBe(0);
  });

  it('is told when the database is there again', async () => {
    jest.useFakeTimers();
    const log = new Log(loadConfig({ ...testSettings, DATABASE_URL: database.url }));
    const circuits = new ConnectionCircuits(log, new Metrics());
    const reports = new ConnectionReports(circuits, repository);
    try {
      const row = { tenantId: 'ten_a', id: 'con_1', baseUrl: 'https://x.example', proxyUrl: null, ca: null, limits: {} };
      const entered = circuits.of(row).enter();
      if (entered.refused === undefined) entered.end(brokenOff);
      reports.onApplicationBootstrap();
      await client.query('alter table connection_health rename to away');
      await jest.advanceTimersByTimeAsync(6_000);
      // What it has tried is over by then, however slow the machine is.
      await reports.onApplicationShutdown();
    } finally {
      jest.useRealTimers();
      await client.query('alter table away rename to connection_health');
    }
    expect(await ofA()).toBeUndefined();
    reports.onApplicationBootstrap();
    await until('it is told', async () => (await ofA()) !== undefined);
    expect(await ofA()).toMatchObject({ state: 'closed', calls: 1, failures: 1, lastFailure: { code: 'broken' } });
    await reports.onApplicationShutdown();
  });
});
