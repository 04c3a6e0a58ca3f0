import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { BudgetLease } from '../../src/modules/spending/budget-lease.js';
import { BudgetLimiter } from '../../src/modules/spending/budget-limiter.js';
import type { BudgetLimit } from '../../src/modules/spending/budget-limit.js';
import { claimsText } from '../../src/modules/spending/claims.js';
import type { LimitRefusal } from '../../src/modules/limits/lease.js';
import { BudgetBench } from '../support/budget-bench.js';
import { until } from '../support/until.js';

const forMs = 3_000;

let bench: BudgetBench;
beforeAll(async () => {
  bench = await BudgetBench.start();
});
afterAll(() => bench.close());

/** A process: calls take from all of their budgets, take some time, end, and are drained; beside it an exchange at a time runs. */
class Process {
  readonly store = bench.store();
  readonly failures: unknown[] = [];
  readonly limiter: BudgetLimiter;
  undrained: string[] = [];
  spent = 0;

  constructor(private readonly name: string) {
    this.limiter = new BudgetLimiter(this.store, {
      process: () => this.name,
      leaseOf: (limit) => new BudgetLease(limit),
      heard: (failure) => this.failures.push(failure),
    });
  }

  /** Undefined where it was let through. */
  async call(limits: readonly BudgetLimit[], units: number): Promise<LimitRefusal<BudgetLimit> | undefined> {
    const refusal = await new Promise<LimitRefusal<BudgetLimit> | undefined>((resolve) =>
      this.limiter.take(
        limits.map((limit) => ({ limit, units })),
        () => resolve(undefined),
        resolve,
      ),
    );
    if (refusal !== undefined) return refusal;
    const held = limits.map((limit) => ({ limit, lease: this.limiter.held(limit), amount: units }));
    await wait(Math.random() * 5);
    const taken = Math.floor(Math.random() * (units + 1));
    for (const { lease } of held) {
      lease.spend(units, taken);
      this.limiter.changed(lease);
    }
    this.spent += taken;
    this.undrained.push(bench.ended({ id: bench.newCall(), claims: claimsText(held) }, taken));
    return undefined;
  }

  async drain(): Promise<void> {
    await bench.drain.write(this.undrained.splice(0), []);
  }

  async close(): Promise<void> {
    await this.limiter.close();
    await this.drain();
    await bench.slices.closeOf(this.name);
    await this.store.close();
  }
}

async function deadlocks(): Promise<number> {
  const sql = 'select pg_stat_force_next_flush(), deadlocks from pg_stat_database where datname = current_database()';
  const { rows } = await bench.client.query<{ deadlocks: string }>(sql);
  return Number(rows[0]?.deadlocks);
}

it('eight processes take from shared budgets while these are changed, deleted and swept: no deadlock, no failure, no unit too much', async () => {
  const wide = await bench.budget(1_000_000, { keyId: 'key_a' });
  const scarce = await bench.budget(3_000);
  const others = [await bench.budget(20_000), await bench.budget(50_000), await bench.budget(400)];
  const processes = Array.from({ length: 8 }, (_none, at) => new Process(`busy_${at}`));
  const endMs = performance.now() + forMs;
  const refused = new Set<string>();
  const repeatedly = async (work: (at: number) => Promise<unknown>): Promise<void> => {
    for (let at = 0; performance.now() < endMs; at += 1) await work(at);
  };
  const admin = new pg.Client({ connectionString: bench.database.url });
  await admin.connect();
  await Promise.all([
    ...processes.flatMap((process) => [
      ...Array.from({ length: 6 }, (_none, client) =>
        repeatedly(async (at) => {
          const third = others[(at + client) % others.length] as BudgetLimit;
          // In any order: a lease knows none.
          const limits = at % 2 === 0 ? [wide, scarce, third] : [third, scarce, wide];
          const refusal = await process.call(limits, 1 + Math.floor(Math.random() * 9));
          if (refusal === undefined) return;
          refused.add(refusal.limit.budgetId);
          await wait(20);
        }),
      ),
      repeatedly(async () => {
        await wait(100);
        await process.drain();
      }),
    ]),
    repeatedly(async (at) => {
      await wait(30);
      // Somebody else's budgets and keys, in one transaction and in both orders; and an amount.
      const made = [await bench.budget(10_000), await bench.budget(10_000)];
      for (const process of processes.slice(0, 3)) await process.call(at % 2 === 0 ? made : made.toReversed(), 3);
      const ids = made.map(({ budgetId }) => budgetId);
      await admin.query(
        `begin; delete from keys where id = 'key_of_${ids[at % 2]}'; delete from budgets where id = '${ids[(at + 1) % 2]}'; commit`,
      );
      await bench.setAmount(scarce, 3_000 + (at % 2));
    }),
    repeatedly(async () => {
      await wait(70);
      await bench.client.query('select gt_budget_sweep()');
    }),
  ]);
  await admin.end();
  // What nobody uses comes back, without anybody's end.
  for (const process of processes) await process.drain();
  const spent = processes.reduce((sum, process) => sum + process.spent, 0);
  expect(spent).toBeGreaterThan(0);
  expect(await bench.settled(scarce)).toBeLessThanOrEqual(3_001);
  await until('all that is not spent is free again', async () => (await bench.open(scarce)) + (await bench.open(wide)) === 0);
  // Which budgets were spent to their end hangs on the machine's speed; the smallest one always is.
  expect(refused).toContain(others.at(-1)?.budgetId);
  for (const process of processes) await process.close();
  expect(processes.flatMap(({ failures }) => failures)).toEqual([]);
  expect(await deadlocks()).toBe(0);
  expect(await bench.faults()).toEqual([]);
}, 120_000);
