import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { RunbookClaimsRepository } from '../../src/modules/runbook-runs/runbook-claims.repository.js';
import { LostRunError } from '../../src/modules/runbook-runs/runbook-run-record.js';
import { RunbookRunsRepository } from '../../src/modules/runbook-runs/runbook-runs.repository.js';
import { RunbookSweepRepository } from '../../src/modules/runbook-runs/runbook-sweep.repository.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import type { Transaction } from '../../src/platform/database/tenant-database.js';
import { createMigratedDatabase } from '../support/app.js';
import type { TestDatabase } from '../support/postgres.js';

let database: TestDatabase;
let connections: ConnectionPool;
let client: pg.Client;
let platform: PlatformDatabase;

beforeAll(async () => {
  database = await createMigratedDatabase();
  connections = new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 2 });
  platform = new PlatformDatabase(connections);
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(`insert into tenants (id, slug, name) values ('ten_1', 'one', 'One'), ('ten_2', 'two', 'Two')`);
});
afterAll(async () => {
  await client.end();
  await connections.close();
  await database.drop();
});

/** Runs of both tenants, named after their product, their end and how many days ago that was. */
async function fill(runs: readonly (readonly [product: string, outcome: string | null, days: number])[]): Promise<void> {
  await client.query('delete from runbook_runs');
  await client.query(
    `insert into runbook_runs (tenant_id, id, runbook, origin, asked_by, asked_role, request_id, created_at, status, outcome, result, sha256,
                               error, finished_at)
       select t.id, product || '-' || coalesce(outcome, 'failed') || '-' || days, product, 'http://127.0.0.1:1', 'x', 'owner', 'req', at,
              case when outcome is null then 'failed' else 'completed' end, outcome, case when outcome is not null then '{}'::jsonb end,
              case when outcome is not null then 'h' || days end, case when outcome is null then 'No.' end, at
         from tenants t, lateral (select r ->> 0 as product, r ->> 1 as outcome, (r ->> 2)::int as days,
                                         now() - make_interval(days => (r ->> 2)::int) as at
                                    from jsonb_array_elements($1::jsonb) r) given`,
    [JSON.stringify(runs)],
  );
}

async function left(tenant: string): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>('select id from runbook_runs where tenant_id = $1 order by id', [tenant]);
  return rows.map(({ id }) => id);
}

describe('runs of runbooks that are old', () => {
  it('are removed over all tenants, but the last one of a product that passed', async () => {
    await fill([
      ['cursor', 'pass', 300],
      ['cursor', 'pass', 200],
      ['cursor', 'fail', 100],
      ['cursor', null, 99],
      ['zed', 'pass', 150],
      ['zed', 'pass', 10],
      ['zed', null, 89],
    ]);
    await client.query(`insert into runbook_runs (tenant_id, id, runbook, origin, asked_by, asked_role, request_id, created_at)
      values ('ten_1', 'waits', 'zed', 'http://127.0.0.1:1', 'x', 'owner', 'req', now() - interval '1 year')`);
    const sweep = new RunbookSweepRepository(platform);
    expect([await sweep.deleteOld(90, 6), await sweep.deleteOld(90, 6), await sweep.deleteOld(90, 6)]).toEqual([6, 2, 0]);
    const kept = ['cursor-pass-200', 'zed-failed-89', 'zed-pass-10'];
    expect(await left('ten_1')).toEqual([...kept.slice(0, 1), 'waits', ...kept.slice(1)]);
    expect(await left('ten_2')).toEqual(kept);
  });

  it('of one product are no more than it keeps, of this tenant alone', async () => {
    await fill([
      ['cursor', 'pass', 9],
      ['cursor', 'pass', 8],
      ['cursor', 'fail', 7],
      ['cursor', 'fail', 6],
      ['cursor', null, 5],
      ['zed', 'fail', 90],
    ]);
    const runs = new RunbookRunsRepository();
    await platform.run((tx) => runs.trim(tx, 'ten_1', 'cursor', 2));
    expect(await left('ten_1')).toEqual(['cursor-fail-6', 'cursor-failed-5', 'cursor-pass-8', 'zed-fail-90']);
    expect(await left('ten_2')).toHaveLength(6);
  });
});

describe('the evidence of a tenant', () => {
  it('is the last run of each product that passed, by its day', async () => {
    await fill([
      ['cursor', 'pass', 9],
      ['cursor', 'pass', 8],
      ['cursor', 'fail', 1],
      ['zed', null, 1],
    ]);
    await client.query(`update runbook_runs set finished_at = '2026-11-28T23:59:59Z' where id = 'cursor-pass-8'`);
    await client.query(`update runbook_runs set finished_at = '2026-11-27T00:00:00Z' where id = 'cursor-pass-9'`);
    const evidence = await platform.run((tx) => new RunbookRunsRepository().evidence(tx, 'ten_1'));
    expect(evidence).toEqual([{ slug: 'cursor', date: '2026-11-28', sha256: 'h8', way: 'emulator', ofTenant: true }]);
  });
});

describe('a run that a worker has', () => {
  const runs = new RunbookRunsRepository();
  const claims = new RunbookClaimsRepository(runs);
  const step = { phase: 'setup', id: 'model', text: 't', outcome: 'pass', detail: 'd', cause: null, cure: null } as const;
  const by = (owner: string) => ({ tenantId: 'ten_1', id: 'waits', owner });
  const run = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => platform.run(work);
  const end = { status: 'failed', error: 'No.' } as const;

  it("is no other one's until that has been silent, and then nothing of the former counts", async () => {
    await fill([]);
    await client.query(`insert into runbook_runs (tenant_id, id, runbook, origin, asked_by, asked_role, request_id)
      values ('ten_1', 'waits', 'zed', 'http://127.0.0.1:1', 'x', 'owner', 'req')`);
    expect(await run((tx) => claims.take(tx, by('a')))).toMatchObject({ status: 'in_progress', attempts: 1 });
    await run((tx) => claims.addStep(tx, by('a'), step));
    await run((tx) => claims.setKeys(tx, by('a'), ['key_1']));
    expect(await run((tx) => claims.take(tx, by('b')))).toBe('taken');
    await client.query(`update runbook_runs set claimed_until = now() - interval '1 second'`);
    expect(await run((tx) => claims.take(tx, by('b')))).toMatchObject({ attempts: 2, steps: [], keyIds: ['key_1'] });
    for (const write of [
      (tx: Transaction) => claims.beat(tx, by('a')),
      (tx: Transaction) => claims.addStep(tx, by('a'), step),
      (tx: Transaction) => claims.setKeys(tx, by('a'), []),
      (tx: Transaction) => claims.end(tx, by('a'), end),
    ])
      await expect(run(write)).rejects.toBeInstanceOf(LostRunError);
    await run((tx) => claims.giveBack(tx, by('a'), false));
    expect(await run((tx) => runs.find(tx, by('b')))).toMatchObject({ owner: 'b', attempts: 2 });
  });

  it('cannot end before its keys are gone, and ends once', async () => {
    await expect(run((tx) => claims.end(tx, by('b'), end))).rejects.toThrow(/runbook_runs_keys_gone/);
    await run((tx) => claims.setKeys(tx, by('b'), []));
    await run((tx) => claims.end(tx, by('b'), end));
    expect(await run((tx) => claims.take(tx, by('c')))).toBe('done');
    await expect(run((tx) => claims.end(tx, by('b'), end))).rejects.toBeInstanceOf(LostRunError);
  });
});
