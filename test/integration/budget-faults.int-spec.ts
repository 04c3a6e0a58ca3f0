import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { BudgetLease } from '../../src/modules/spending/budget-lease.js';
import type { BudgetLimit } from '../../src/modules/spending/budget-limit.js';
import type { BudgetAnswer, BudgetStore } from '../../src/platform/budgets/budget-store.js';
import type { CallPrice } from '../../src/platform/journal/call-record.js';
import { BudgetBench, type BegunCall } from '../support/budget-bench.js';
import { until } from '../support/until.js';

let bench: BudgetBench;
let store: BudgetStore;

beforeAll(async () => {
  bench = await BudgetBench.start();
  store = bench.store();
});
afterAll(async () => {
  await store.close();
  await bench.close();
});

/** One exchange of leases, and what was answered to each. */
async function exchanged(journal: string, wants: readonly (readonly [BudgetLease, ...number[]])[]): Promise<BudgetAnswer[]> {
  const asks = wants.map(([lease, ...needs]) => lease.ask(needs, performance.now()));
  const { answers } = await store.exchange(journal, asks);
  for (const [at, [lease]] of wants.entries()) {
    const [answer, ask] = [answers[at], asks[at]];
    if (answer !== undefined && ask !== undefined) lease.told(answer, ask, performance.now());
  }
  return [...answers];
}

/** What a new process is let take of a budget. */
async function taken(limit: BudgetLimit, units: number): Promise<BudgetAnswer | undefined> {
  const lease = new BudgetLease(limit);
  const [answer] = await exchanged(`probe-${lease.sliceId}`, [[lease, units]]);
  return answer;
}

/** Somebody else's transaction, which is given steps while others wait for it. */
async function meanwhile<T>(first: string, work: () => Promise<T>, ...then: readonly string[]): Promise<T> {
  const admin = new pg.Client({ connectionString: bench.database.url });
  await admin.connect();
  try {
    await admin.query('begin');
    await admin.query(first);
    const working = work();
    const failed = working.then(
      () => undefined,
      () => undefined,
    );
    await Promise.race([failed, new Promise((resolve) => setTimeout(resolve, 200))]);
    for (const sql of then) await admin.query(sql);
    await admin.query('commit');
    return await working;
  } finally {
    await admin.end();
  }
}

/** Somebody waits for a row that another one has. */
async function waitsForLock(): Promise<void> {
  const sql = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
  await until('somebody waits', async () => (await bench.client.query(sql)).rows.length > 0);
}

const most = Number.MAX_SAFE_INTEGER;

describe('whoever changes budgets', () => {
  it('never waits in a circle with an exchange, in whatever order budgets are deleted', async () => {
    const limits = [await bench.budget(100, { id: 'bud_x1' }), await bench.budget(100, { id: 'bud_x2', keyId: 'key_a' })];
    const [first, second] = limits.map((limit) => new BudgetLease(limit)) as [BudgetLease, BudgetLease];
    const ask = (): Promise<BudgetAnswer[]> =>
      exchanged('both', [
        [first, 1],
        [second, 1],
      ]);
    await ask();
    const answers = await meanwhile(`delete from budgets where id = 'bud_x2'`, ask, `delete from budgets where id = 'bud_x1'`);
    expect(answers.map(({ fits }) => fits)).toEqual([1, 1]);
  });

  it('never waits in a circle with a drain, in whatever order keys and budgets are deleted', async () => {
    const limits = [await bench.budget(100, { id: 'bud_d1', keyId: 'key_d' }), await bench.budget(100, { id: 'bud_d2' })];
    const record = (): string => {
      const [one, two] = limits.map((limit) => bench.begun(limit, null, 5)) as [BegunCall, BegunCall];
      return bench.ended({ id: one.id, claims: `${one.claims}/${two.claims}`, keyId: 'key_d' }, 3);
    };
    await bench.drain.write([record()], []);
    await meanwhile(
      `delete from budgets where id = 'bud_d2'`,
      () => bench.drain.write([record()], []),
      `delete from keys where id = 'key_d'`,
    );
    expect(await bench.faults()).toEqual([]);
  });

  it('keeps nobody from a budget while a drain waits for a key that is being changed', async () => {
    const limit = await bench.budget(100);
    const lease = new BudgetLease(limit);
    await exchanged('free', [[lease, 5]]);
    const call = bench.begun(limit, lease.sliceId, 5);
    const admin = new pg.Client({ connectionString: bench.database.url });
    await admin.connect();
    await admin.query(`begin; update keys set name = 'other' where id = 'key_a'`);
    const drained = bench.drain.write([bench.ended(call, 5)], []);
    try {
      await waitsForLock();
      await exchanged('free', [[lease, 1]]);
    } finally {
      await admin.end();
    }
    await drained;
  });

  it('leaves nothing behind of what a budget counted, once it is swept', async () => {
    const limit = await bench.budget(100);
    await exchanged('left', [[new BudgetLease(limit), 1]]);
    await bench.client.query('delete from budgets where id = $1', [limit.budgetId]);
    await bench.client.query('select gt_budget_sweep()');
    const { rows } = await bench.client.query('select 1 from budget_periods where budget_id = $1', [limit.budgetId]);
    expect([rows, await bench.open(limit)]).toEqual([[], 0]);
  });
});

describe('a slice', () => {
  it('that was swept away while its process lives goes on, with what runs, and without what was free', async () => {
    const limit = await bench.budget(100);
    const lease = new BudgetLease(limit);
    await exchanged('lives', [[lease, 10]]);
    lease.take(10, performance.now());
    await bench.client.query(`update budget_slices set state = 'closed' where id = $1`, [lease.sliceId]);
    const [answer] = await exchanged('lives', [[lease, 20]]);
    expect(answer).toMatchObject({ fits: 1 });
    expect(lease.has(20)).toBe(true);
    lease.take(20, performance.now());
    await exchanged('lives', [[lease]]);
    expect(await bench.open(limit)).toBe(30);
    expect(await taken(limit, 70)).toMatchObject({ fits: 1 });
  });

  it('is not opened again by what its process had said before it died', async () => {
    const limit = await bench.budget(100);
    const late = new BudgetLease(limit).ask([60], performance.now());
    await bench.slices.closeOf('dead');
    await store.exchange('dead', [late]);
    expect(await bench.open(limit)).toBe(0);
    const lease = new BudgetLease(limit);
    await exchanged('dies', [[lease, 40]]);
    const again = lease.ask([60], performance.now());
    await bench.slices.closeOf('dies');
    await store.exchange('dies', [again]);
    expect(await bench.open(limit)).toBe(0);
    expect(await taken(limit, 100)).toMatchObject({ fits: 1 });
  });

  it('of a process that was taken for dead and lives holds what still runs, under its new name', async () => {
    const limit = await bench.budget(100);
    const lease = new BudgetLease(limit);
    await exchanged('former', [[lease, 40]]);
    lease.take(40, performance.now());
    const call = bench.begun(limit, lease.sliceId, 40);
    await bench.drain.write([bench.guessed(call)], []);
    await bench.slices.closeOf('former');
    expect((await exchanged('later', [[lease, 61]]))[0]).toMatchObject({ fits: 0 });
    lease.spend(40, 25);
    await bench.drain.write([bench.ended(call, 25)], []);
    await exchanged('later', [[lease]]);
    expect([await bench.settled(limit), await bench.open(limit)]).toEqual([25, 0]);
    expect(await bench.faults()).toEqual([]);
    await bench.slices.closeOf('later');
    expect(await taken(limit, 75)).toMatchObject({ fits: 1 });
  });

  it('that nobody needs is closed while its process lives, so that they do not become ever more', async () => {
    const limit = await bench.budget(100);
    const lease = new BudgetLease(limit);
    await exchanged('long', [[lease, 10]]);
    lease.take(10, performance.now());
    lease.spend(10, 10);
    await bench.drain.write([bench.ended(bench.begun(limit, lease.sliceId, 10), 10)], []);
    lease.surrender();
    await exchanged('long', [[lease]]);
    await bench.client.query(`update budget_slices set said_at = now() - interval '1 hour' where id = $1`, [lease.sliceId]);
    await bench.client.query('select gt_budget_sweep()');
    const { rows } = await bench.client.query('select state from budget_slices where id = $1', [lease.sliceId]);
    expect(rows).toEqual([{ state: 'closed' }]);
  });
});

describe('a call', () => {
  it('that was answered before it was counted is counted once, whoever hears of it first', async () => {
    const limit = await bench.budget(100);
    await bench.drain.write([bench.ended(bench.begun(limit, null, 0), 30)], []);
    expect(await taken(limit, 71)).toMatchObject({ fits: 0, waitMs: 0, later: 70 });
    expect(await bench.faults()).toEqual([]);
  });

  it('that was cut short counts what it took, though its process was taken for dead before', async () => {
    const limit = await bench.budget(100);
    const cut = { state: 'interrupted', source: 'counted' } as const;
    const ends = (call: BegunCall): string[] => [bench.guessed(call), bench.ended(call, 12, cut)];
    for (const order of [
      (records: string[]) => [records],
      (records: string[]) => [records.reverse()],
      (records: string[]) => records.map((one) => [one]),
      (records: string[]) => records.reverse().map((one) => [one]),
    ]) {
      const before = await bench.settled(limit);
      for (const batch of order(ends(bench.begun(limit, null, 20)))) await bench.drain.write(batch, []);
      expect((await bench.settled(limit)) - before).toBe(12);
    }
    expect(await bench.faults()).toEqual([]);
  });

  it('is not refused for good where its period has just ended, or its process is taken for dead', async () => {
    const now = Date.now();
    const over = await bench.budget(100, { startsAtMs: now - 100_000, endsAtMs: now - 50_000 });
    const spent = new BudgetLease(over);
    await bench.drain.write([bench.ended(bench.begun(over, null, 0), 100)], []);
    await exchanged('clock', [[spent, 1]]);
    expect(spent.refusal(1).waitMs).not.toBeNull();
    const lease = new BudgetLease(await bench.budget(100));
    await bench.slices.closeOf('gone');
    await exchanged('gone', [[lease, 1]]);
    expect(lease.refusal(1).waitMs).not.toBeNull();
  });

  it('that takes more than any number can tell stops neither exchanges nor drains', async () => {
    const limit = await bench.budget(most);
    const lease = new BudgetLease(limit);
    const records: string[] = [];
    for (let at = 0; at < 2_000; at += 1) {
      lease.spend(0, most);
      records.push(bench.ended(bench.begun({ ...limit, currency: 'USD' }, lease.sliceId, 0), 1, { price: price(most) }));
    }
    await exchanged('huge', [[lease, 1]]);
    for (let at = 0; at < 2; at += 1) await bench.drain.write(records.slice(at * 1_000, (at + 1) * 1_000), []);
    await exchanged('huge', [[lease, 1]]);
    expect(await bench.settled(limit)).toBeGreaterThanOrEqual(most);
    await bench.client.query('delete from budgets where id = $1', [limit.budgetId]);
    await bench.client.query('select gt_budget_sweep()');
  });
});

const price = (charge: number): CallPrice => ({ cost: charge, charge, currency: 'USD' });
