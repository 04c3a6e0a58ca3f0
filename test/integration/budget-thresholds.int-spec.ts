import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/load-config.js';
import { BudgetMarks } from '../../src/modules/budgets/budget-marks.js';
import { BudgetRefusals } from '../../src/modules/budgets/budget-refusals.js';
import { BudgetThresholds } from '../../src/modules/budgets/budget-thresholds.js';
import { BudgetsRepository } from '../../src/modules/budgets/budgets.repository.js';
import { PassedBudgetsRepository } from '../../src/modules/budgets/passed-budgets.repository.js';
import type { RefusedBudget } from '../../src/modules/budgets/refused-budgets.js';
import { SweepRepository } from '../../src/modules/system/sweep.repository.js';
import { SweepService } from '../../src/modules/system/sweep.service.js';
import { WebhookDeliveriesRepository } from '../../src/modules/webhooks/webhook-deliveries.repository.js';
import { WebhookOutbox } from '../../src/modules/webhooks/webhook-outbox.js';
import { WebhooksRepository } from '../../src/modules/webhooks/webhooks.repository.js';
import { Log } from '../../src/observability/log.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import { TenantDatabase } from '../../src/platform/database/tenant-database.js';
import { PlatformSweepProcessor } from '../../src/worker/processors/platform-sweep.processor.js';
import { createMigratedDatabase, testSettings } from '../support/app.js';
import type { TestDatabase } from '../support/postgres.js';

let database: TestDatabase;
/** Those of two processes. */
let pools: readonly ConnectionPool[];
let thresholds: readonly BudgetThresholds[];
let refusals: readonly BudgetRefusals[];
let lines: string[];

const sql = (text: string, values: readonly unknown[] = []) => pools[0]?.pool.query(text, [...values]);

beforeAll(async () => {
  database = await createMigratedDatabase();
  pools = [1, 2].map(() => new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 4 }));
  const config = loadConfig({ ...testSettings, DATABASE_URL: database.url, GT_LOG_LEVEL: 'info' });
  const log = new Log(config, { write: (line) => void lines.push(line) });
  const outbox = new WebhookOutbox(new WebhooksRepository(), new WebhookDeliveriesRepository());
  const marks = new BudgetMarks(new BudgetsRepository());
  refusals = pools.map((pool) => new BudgetRefusals(marks, new TenantDatabase(pool), outbox, log));
  thresholds = pools.map((pool) => {
    const passed = new PassedBudgetsRepository(new PlatformDatabase(pool));
    return new BudgetThresholds(passed, marks, new TenantDatabase(pool), outbox, log);
  });
  for (const tenant of ['a', 'b'])
    await sql(`insert into tenants (id, slug, name) values ($1, $2, 'T')`, [`ten_${tenant}`, tenant]);
  await sql(`insert into webhooks (tenant_id, id, url, events, secret) values
    ('ten_a', 'whk_1', 'https://a.example', '{budget.threshold_reached,budget.used_up}', ''),
    ('ten_a', 'whk_2', 'https://b.example', '{budget.used_up,file.ready}', ''),
    ('ten_a', 'whk_3', 'https://c.example', '{budget.refused}', '')`);
});
afterAll(async () => {
  for (const pool of pools) await pool.close();
  await database.drop();
});
beforeEach(async () => {
  lines = [];
  await sql('delete from webhook_deliveries');
  await sql('delete from budget_periods');
  await sql('delete from budgets');
});

/** A budget of 100 tokens a day that tells at 80, and what is settled in a period that ends after so many hours. */
async function counted(
  settled: number,
  {
    tenant = 'ten_a',
    id = 'bud_1',
    amount = 100,
    soft = 80 as number | null,
    endsInHours = 12 as number | null,
    assumed = 0,
  } = {},
): Promise<void> {
  await sql(
    `insert into budgets (tenant_id, id, span, currency, amount, soft_percent, updated_at)
     values ($1, $2, 'day', null, $3, $4, now() - interval '30 days')`,
    [tenant, id, amount, soft],
  );
  await sql(
    `insert into budget_periods (tenant_id, budget_id, starts_at, ends_at, settled)
     values ($1, $2, now() - interval '2 days', now() + make_interval(hours => $3), $4)`,
    [tenant, id, endsInHours, settled],
  );
  if (assumed > 0)
    await sql(
      `insert into budget_slices (tenant_id, budget_id, starts_at, id, journal, state, held, settled)
       select tenant_id, budget_id, starts_at, 'slc_1', 'j', 'assumed', $1 + 5, 5 from budget_periods where budget_id = $2`,
      [assumed, id],
    );
}

const tell = (tenantIds?: string[], at = 0) => (thresholds[at % 2] as BudgetThresholds).tell(tenantIds);

/** Which events each webhook is told of. */
async function told(): Promise<string[]> {
  const found = await sql(`select webhook_id || ' ' || event as told from webhook_deliveries order by 1`);
  return (found?.rows as { told: string }[]).map((row) => row.told);
}

const bothTold = ['whk_1 budget.threshold_reached', 'whk_1 budget.used_up', 'whk_2 budget.used_up'];

describe('the thresholds of budgets', () => {
  it('are told once to each webhook that asked, however many processes look at once, and stand in the log', async () => {
    await counted(100);
    await Promise.all(Array.from({ length: 12 }, (_none, at) => tell(at % 3 === 0 ? undefined : ['ten_a'], at)));
    expect(await told()).toEqual(bothTold);
    const logged = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(logged.map(({ msg, tenant_id, budget, spent }) => [msg, tenant_id, budget, spent])).toEqual([
      ['budget.threshold_reached', 'ten_a', 'bud_1', 100],
      ['budget.used_up', 'ten_a', 'bud_1', 100],
    ]);
    const payload = await sql(`select payload from webhook_deliveries where webhook_id = 'whk_2'`);
    expect(payload?.rows).toMatchObject([
      {
        payload: { object: { object: 'budget', id: 'bud_1', subject: 'tenant', period: { spent: 100, left: 0, used_up: true } } },
      },
    ]);
  });

  it('are told by a sweep of the workers where nobody has', async () => {
    await counted(80);
    const platform = new PlatformDatabase(pools[0] as ConnectionPool);
    const sweep = new PlatformSweepProcessor(new SweepService(new SweepRepository(platform)), thresholds[0] as BudgetThresholds);
    await sweep.process({}, { id: 'job', attempt: 1, signal: new AbortController().signal });
    expect(await told()).toEqual(['whk_1 budget.threshold_reached']);
  });

  it('are those of the tenants that are asked about', async () => {
    await counted(100);
    await counted(100, { tenant: 'ten_b' });
    await tell(['ten_b']);
    expect(await told()).toEqual([]);
    const marked = await sql(
      'select tenant_id from budget_periods where warned_at is not null and spent_at is not null and (warned_for, spent_for) = (8000, 100)',
    );
    expect(marked?.rows).toEqual([{ tenant_id: 'ten_b' }]);
  });

  it.each<[string, number, Parameters<typeof counted>[1], string[]]>([
    ['not before they are reached', 79, {}, []],
    ['one after the other', 80, {}, ['whk_1 budget.threshold_reached']],
    ['without a soft threshold when all is spent', 100, { soft: null }, ['whk_1 budget.used_up', 'whk_2 budget.used_up']],
    ['with what is assumed to be spent', 70, { assumed: 30 }, bothTold],
    ['not of a budget that has nothing, before something is spent', 0, { amount: 0 }, []],
    ['of a budget that has nothing, when something is spent', 1, { amount: 0 }, bothTold],
    ['of a period without an end', 100, { endsInHours: null }, bothTold],
    ['for a day after the end of a period', 100, { endsInHours: -20 }, bothTold],
    ['not of what is long over', 100, { endsInHours: -25 }, []],
  ])('are told %s', async (_case, settled, options, expected) => {
    await counted(settled, options);
    await tell();
    expect(await told()).toEqual(expected);
    await tell();
    expect(await told()).toEqual(expected);
  });

  it('of a period that is over are not told by an amount that was set afterwards', async () => {
    await counted(60, { endsInHours: -1 });
    await sql('update budgets set amount = 50, updated_at = now()');
    await tell();
    expect(await told()).toEqual([]);
  });

  it('are told again for an amount that was raised, when that is reached, and for no other change', async () => {
    await counted(100);
    await tell();
    const isToldAfter = async (change: string): Promise<string[]> => {
      await sql('delete from webhook_deliveries');
      await sql(change);
      await tell();
      return told();
    };
    expect(await isToldAfter('update budgets set amount = 200')).toEqual([]);
    expect(await isToldAfter('update budget_periods set settled = 159')).toEqual([]);
    expect(await isToldAfter('update budget_periods set settled = 160')).toEqual(['whk_1 budget.threshold_reached']);
    expect(await isToldAfter('update budgets set amount = 90, hard = false')).toEqual([]);
    expect(await isToldAfter('update budgets set amount = 200, hard = true')).toEqual([]);
    expect(await isToldAfter('update budget_periods set settled = 201')).toEqual(bothTold.slice(1));
    expect(await isToldAfter('update budgets set soft_percent = 100')).toEqual(['whk_1 budget.threshold_reached']);
  });

  it('stay told where less counts as spent later', async () => {
    await counted(70, { assumed: 30 });
    await tell();
    await sql(`update budget_slices set state = 'closed'`);
    await tell();
    await sql('update budget_periods set settled = 100');
    await tell();
    expect(await told()).toEqual(bothTold);
  });
});

describe('the refusals of budgets', () => {
  /** Of the period that `counted` makes, or of one in which nothing was counted. */
  async function refused(most: number, isCounted = true): Promise<RefusedBudget> {
    const found = await sql(`select (extract(epoch from starts_at) * 1000)::float8 as start from budget_periods`);
    const [{ start: startsAtMs } = { start: 0 }] = isCounted ? (found?.rows as { start: number }[]) : [];
    return { tenantId: 'ten_a', budgetId: 'bud_1', startsAtMs, endsAtMs: null, most };
  }
  const tellRefused = (one: RefusedBudget, at = 0) => (refusals[at % 2] as BudgetRefusals).tell([one]);
  const once = ['whk_3 budget.refused'];

  it('are told once to each webhook that asked, however many processes tell, and stand in the log', async () => {
    await counted(60);
    const one = await refused(100);
    const failed = await Promise.all(Array.from({ length: 12 }, (_none, at) => tellRefused(one, at)));
    expect([failed.flat(), await told()]).toEqual([[], once]);
    const logged = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(logged.map(({ msg, tenant_id, budget, amount, spent }) => [msg, tenant_id, budget, amount, spent])).toEqual([
      ['budget.refused', 'ten_a', 'bud_1', 100, 60],
    ]);
    const payload = await sql('select payload from webhook_deliveries');
    expect(payload?.rows).toMatchObject([{ payload: { object: { id: 'bud_1', amount: 100, period: { spent: 60, left: 40 } } } }]);
    const period = await sql('select settled::int, refused_for::int as "for" from budget_periods where refused_at is not null');
    expect(period?.rows).toEqual([{ settled: 60, for: 100 }]);
  });

  it('are told of a period in which nothing was ever counted', async () => {
    await counted(60);
    for (let time = 0; time < 2; time += 1) await tellRefused(await refused(100, false));
    expect(await told()).toEqual(once);
    const period = await sql('select settled::int, ends_at from budget_periods where refused_for = 100');
    expect(period?.rows).toEqual([{ settled: 0, ends_at: null }]);
  });

  it.each<[string, number, string]>([
    ['where all is spent, which is told by itself', 100, 'select 1'],
    ['where it has more by now', 60, 'update budgets set amount = 101'],
    ['where it only counts by now', 60, 'update budgets set hard = false'],
    ['where it is gone', 60, 'delete from budgets'],
  ])('are not told %s', async (_case, settled, change) => {
    await counted(settled);
    await sql(change);
    expect(await tellRefused(await refused(100))).toEqual([]);
    expect(await told()).toEqual([]);
  });

  it('are told of a budget that has nothing, and again for an amount that was raised', async () => {
    await counted(0, { amount: 0 });
    for (const most of [0, 0, 5, 5, 3]) {
      await sql('update budgets set amount = $1', [most]);
      await tellRefused(await refused(most));
    }
    expect(await told()).toEqual([...once, ...once]);
  });

  it('of which nobody can be told are given back', async () => {
    await counted(60);
    const one = { ...(await refused(100)), startsAtMs: NaN };
    expect(await tellRefused(one)).toEqual([one]);
    expect(await tellRefused(await refused(100))).toEqual([]);
    expect(await told()).toEqual(once);
  });
});
