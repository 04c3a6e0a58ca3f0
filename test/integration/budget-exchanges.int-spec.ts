import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BudgetLease } from '../../src/modules/spending/budget-lease.js';
import type { BudgetLimit } from '../../src/modules/spending/budget-limit.js';
import type { BudgetAnswer, BudgetAsk, BudgetStore } from '../../src/platform/budgets/budget-store.js';
import { BudgetBench, type BegunCall } from '../support/budget-bench.js';

const soak = process.env['GT_TEST_SOAK'] === '1';

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

/** What the test knows of a period of a budget. */
interface Period {
  readonly limit: BudgetLimit;
  state: 'runs' | 'over' | 'deleted';
  amount: number;
  /** The highest amount that it had. */
  highest: number;
  /** What calls have taken that are over. */
  spent: number;
  /** What processes had that were taken for dead: others may have had it again. */
  beyond: number;
}

interface RunningCall {
  readonly call: BegunCall;
  readonly units: number;
  readonly period: Period;
}

/** What has left a process and may arrive at any time, or never. */
interface Message {
  readonly name: string;
  readonly asks: readonly { readonly period: Period; readonly lease: BudgetLease; readonly ask: BudgetAsk }[];
}

let names = 0;

/** A process as far as budgets know it: its slices, the calls that run, and the ends in its journal that are not drained yet. */
class Process {
  name = `process_${(names += 1)}`;
  running: RunningCall[] = [];
  undrained: string[] = [];
  readonly leases = new Map<Period, BudgetLease>();

  /** @param period the one in which it takes its calls to be. */
  constructor(private period: Period) {}

  get lease(): BudgetLease {
    return this.leaseOf(this.period);
  }

  /** It hears how the budget is by now, or that another period has begun. */
  hear(period: Period): void {
    this.period = period;
    this.lease.follow({ ...period.limit, most: period.amount, epoch: this.lease.limit.epoch + 1 });
  }

  reservedOf(period: Period): number {
    return this.running.reduce((sum, one) => sum + (one.period === period ? one.units : 0), 0);
  }

  /** Takes units that are there. */
  take(units: number, nowMs: number): void {
    const { period, lease } = this;
    if (!lease.has(units)) return;
    lease.take(units, nowMs);
    this.running.push({ call: bench.begun(period.limit, lease.sliceId, units), units, period });
  }

  /** A call ends that has taken so much. */
  end({ call, units, period }: RunningCall, taken: number): void {
    this.leaseOf(period).spend(units, taken);
    period.spent += taken;
    this.undrained.push(bench.ended(call, taken));
  }

  /** A call that is not made after all. */
  giveBack({ units, period }: RunningCall): void {
    this.leaseOf(period).giveBack(units);
  }

  /** All that it holds, and what it needs now. */
  say(needs: readonly number[], nowMs: number): Message {
    const { lease: current } = this;
    const asks = [...this.leases].map(([period, lease]) => ({
      ...{ period, lease },
      ask: lease.ask(lease === current ? needs : [], nowMs),
    }));
    return { name: this.name, asks };
  }

  async drain(): Promise<void> {
    await bench.drain.write(this.undrained.splice(0), []);
  }

  private leaseOf(period: Period): BudgetLease {
    const lease = this.leases.get(period) ?? new BudgetLease(period.limit);
    this.leases.set(period, lease);
    return lease;
  }
}

const kinds = [
  ...['take', 'take', 'take', 'take', 'end', 'end', 'give back', 'exchange', 'exchange', 'drain', 'drain'],
  ...['lose ask', 'lose answer', 'delay', 'delay', 'arrive', 'arrive', 'die', 'adopt', 'bury alive', 'sweep'],
  ...['raise', 'lower', 'hear', 'hear', 'hear', 'period', 'delete'],
] as const;

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom(...kinds),
    process: fc.nat(2),
    units: fc.integer({ min: 1, max: 40 }),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
    waitMs: fc.constantFrom(0, 0, 0, 100, 300, 3_000),
    which: fc.nat(5),
  }),
  { minLength: 30, maxLength: 90 },
);

function periodOf(limit: BudgetLimit, amount: number): Period {
  return { limit, state: 'runs', amount, highest: amount, spent: 0, beyond: 0 };
}

/** Of the settlements of a period, whether its budget is there or not. */
async function inLedger({ budgetId, startsAtMs }: BudgetLimit): Promise<number> {
  const { rows } = await bench.client.query<{ settled: string }>(
    `select coalesce(sum(amount), 0) as settled from ledger_entries
      where budget_id = $1 and starts_at = to_timestamp($2::float8 / 1000) and kind = 'settle'`,
    [budgetId, startsAtMs],
  );
  return Number(rows[0]?.settled);
}

/** Has a message arrive. A period that is over has ended a while ago, whenever its process has asked. */
async function arrive({ name, asks }: Message): Promise<readonly BudgetAnswer[]> {
  const endedAtMs = Date.now() - 10_000;
  const given = asks.map(({ ask, period }) => (period.state === 'over' ? { ...ask, endsAtMs: endedAtMs } : ask));
  const { answers } = await store.exchange(name, given);
  for (const [at, { period }] of asks.entries()) if (period.state === 'over') expect(answers[at]?.granted).toBe(0);
  return answers;
}

it('never lets more of a budget be taken than it has, and gives all of it away, whatever is lost, late, dead, changed, over or deleted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 20, max: 400 }), steps, async (first, run) => {
      let now = periodOf(await bench.budget(first), first);
      const periods = [now];
      const living = [0, 1, 2].map(() => new Process(now));
      const dead: Process[] = [];
      const late: Message[] = [];
      let nowMs = 0;

      const takenOf = (period: Period): number =>
        [...living, ...dead].reduce((sum, process) => sum + process.reservedOf(period), period.spent);
      const exchange = async (process: Process, needs: readonly number[], heard: 'all' | 'nothing'): Promise<void> => {
        const message = process.say(needs, nowMs);
        const answers = await arrive(message);
        for (const [at, { lease, ask }] of message.asks.entries()) {
          const answer = answers[at];
          if (heard === 'all' && answer !== undefined) lease.told(answer, ask, nowMs);
          else lease.lost();
        }
        for (const units of needs) process.take(units, nowMs);
        for (const [at, { lease, period }] of message.asks.entries()) {
          lease.settle();
          // What is given now is given of the amount that there is now.
          if (period.state === 'runs' && (answers[at]?.granted ?? 0) > 0)
            expect(takenOf(period)).toBeLessThanOrEqual(period.amount + period.beyond);
        }
      };
      const setAmount = async (amount: number): Promise<void> => {
        now.amount = amount;
        now.highest = Math.max(now.highest, amount);
        await bench.setAmount(now.limit, amount);
      };
      const begin = (limit: BudgetLimit, amount: number): void => {
        now = periodOf(limit, amount);
        periods.push(now);
      };
      const adopt = async (process: Process): Promise<void> => {
        await bench.drain.write([...process.running.map(({ call }) => bench.guessed(call)), ...process.undrained.splice(0)], []);
        await bench.slices.closeOf(process.name);
      };

      /** Its calls are over with it, and what they held is anybody's. */
      const bury = async (gone: Process): Promise<void> => {
        await adopt(gone);
        gone.running = [];
      };

      for (const { kind, process: at, units, part, waitMs, which } of run) {
        const process = living[at] as Process;
        const { lease } = process;
        nowMs += waitMs;
        if (kind === 'take') {
          if (lease.has(units)) process.take(units, nowMs);
          else await exchange(process, [units], 'all');
        } else if (kind === 'end' || kind === 'give back') {
          const [call] = process.running.splice(which % Math.max(1, process.running.length), 1);
          if (call === undefined) continue;
          if (kind === 'give back') process.giveBack(call);
          else process.end(call, Math.round(call.units * part));
        } else if (kind === 'exchange') await exchange(process, [], 'all');
        else if (kind === 'lose answer') await exchange(process, which % 2 === 0 ? [units] : [], 'nothing');
        else if (kind === 'lose ask' || kind === 'delay') {
          const message = process.say(which % 2 === 0 ? [units] : [], nowMs);
          for (const { lease: one } of message.asks) {
            one.lost();
            one.settle();
          }
          if (kind === 'delay') late.push(message);
        } else if (kind === 'arrive') {
          const [message] = late.splice(which % Math.max(1, late.length), 1);
          if (message !== undefined) await arrive(message);
        } else if (kind === 'drain') await process.drain();
        else if (kind === 'die') {
          dead.push(process);
          living[at] = new Process(now);
        } else if (kind === 'adopt') {
          const gone = dead.shift();
          if (gone !== undefined) await bury(gone);
        } else if (kind === 'bury alive') {
          // It cannot know: until it hears of it, it goes on with what it had, which others may have now too.
          await adopt(process);
          for (const period of periods) period.beyond += process.reservedOf(period);
          process.name = `process_${(names += 1)}`;
          for (const one of process.leases.values()) one.renamed();
          const had = periods.map((period) => process.reservedOf(period));
          await exchange(process, [], 'all');
          expect(periods.map((period) => process.reservedOf(period))).toEqual(had);
        } else if (kind === 'raise') await setAmount(now.amount + units * 3);
        else if (kind === 'lower') await setAmount(Math.floor(now.amount * part));
        else if (kind === 'hear') process.hear(now);
        else if (kind === 'period') {
          now.state = 'over';
          const { budgetId: id, startsAtMs } = now.limit;
          begin(await bench.budget(now.amount, { id, startsAtMs: startsAtMs + 1 }), now.amount);
        } else if (kind === 'delete') {
          const { budgetId } = now.limit;
          await bench.client.query('delete from budgets where id = $1', [budgetId]);
          for (const period of periods) if (period.limit.budgetId === budgetId) period.state = 'deleted';
          begin(await bench.budget(units * 8), units * 8);
        } else await bench.client.query('select gt_budget_sweep()');
        for (const period of periods)
          if (period.state !== 'deleted') expect(takenOf(period)).toBeLessThanOrEqual(period.highest + period.beyond);
      }

      for (const message of late) await arrive(message);
      for (const process of dead) await bury(process);
      for (const process of living) {
        for (const call of process.running.splice(0)) process.end(call, call.units);
        for (const lease of process.leases.values()) lease.surrender();
        await exchange(process, [], 'all');
        await process.drain();
      }
      expect(await bench.faults()).toEqual([]);
      await bench.client.query('select gt_budget_sweep()');
      expect(await bench.faults()).toEqual([]);
      for (const { limit, spent, state } of periods) {
        expect([await inLedger(limit), await bench.open(limit)]).toEqual([spent, 0]);
        expect(await bench.settled(limit)).toBe(state === 'deleted' ? 0 : spent);
      }
      const left = Math.max(0, now.amount - now.spent);
      const last = new Process(now);
      await exchange(last, [left + 1], 'all');
      expect([last.reservedOf(now), last.lease.refusal(left + 1).waitMs]).toEqual([0, null]);
      if (left > 0) await exchange(last, [left], 'all');
      expect(last.reservedOf(now)).toBe(left);
    }),
    { numRuns: soak ? 400 : 60 },
  );
}, 600_000);
