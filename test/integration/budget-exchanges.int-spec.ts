import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BudgetLease } from '../../src/modules/spending/budget-lease.js';
import type { BudgetLimit } from '../../src/modules/spending/budget-limit.js';
import type { BudgetAsk, BudgetStore } from '../../src/platform/budgets/budget-store.js';
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

interface RunningCall {
  readonly call: BegunCall;
  readonly units: number;
}

/** What has left a process and may arrive at any time, or never. */
interface Message {
  readonly name: string;
  readonly ask: BudgetAsk;
}

let names = 0;

/** A process as far as budgets know it: its slice, the calls that run, and the ends in its journal that are not drained yet. */
class Process {
  name = `process_${(names += 1)}`;
  readonly lease: BudgetLease;
  running: RunningCall[] = [];
  undrained: string[] = [];

  constructor(private readonly limit: BudgetLimit) {
    this.lease = new BudgetLease(limit);
  }

  get reserved(): number {
    return this.running.reduce((sum, { units }) => sum + units, 0);
  }

  /** Takes units that are there. */
  take(units: number, nowMs: number): void {
    if (!this.lease.has(units)) return;
    this.lease.take(units, nowMs);
    this.running.push({ call: bench.begun(this.limit, this.lease.sliceId, units), units });
  }

  /** A call ends that has taken so much. */
  end({ call, units }: RunningCall, taken: number): void {
    this.lease.spend(units, taken);
    this.undrained.push(bench.ended(call, taken));
  }

  /** A call that is not made after all. */
  giveBack({ units }: RunningCall): void {
    this.lease.giveBack(units);
  }

  async drain(): Promise<void> {
    await bench.drain.write(this.undrained.splice(0), []);
  }
}

const kinds = [
  ...['take', 'take', 'take', 'end', 'end', 'give back', 'exchange', 'exchange', 'drain', 'drain'],
  ...['lose ask', 'lose answer', 'delay', 'delay', 'arrive', 'arrive', 'die', 'adopt', 'bury alive', 'amount', 'sweep'],
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

it('never lets more of a budget be taken than it has, and gives all of it away, whatever is lost, late, dead or changed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 20, max: 400 }), steps, async (first, run) => {
      const limit = await bench.budget(first);
      const living = [0, 1, 2].map(() => new Process(limit));
      const dead: Process[] = [];
      const late: Message[] = [];
      let [amount, highest, beyond, nowMs, spent] = [first, first, 0, 0, 0];

      const exchange = async (process: Process, needs: number[], heard: 'all' | 'nothing'): Promise<void> => {
        const { lease, name } = process;
        const ask = lease.ask(needs, nowMs);
        const { answers } = await store.exchange(name, [ask]);
        if (heard === 'all' && answers[0] !== undefined) lease.told(answers[0], ask, nowMs);
        else lease.lost();
        for (const units of needs) process.take(units, nowMs);
        lease.settle();
      };
      const arrive = async ({ name, ask }: Message): Promise<void> => void (await store.exchange(name, [ask]));
      const adopt = async (process: Process): Promise<void> => {
        await bench.drain.write([...process.running.map(({ call }) => bench.guessed(call)), ...process.undrained.splice(0)], []);
        await bench.slices.closeOf(process.name);
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
          const taken = Math.round(call.units * part);
          if (kind === 'give back') process.giveBack(call);
          else process.end(call, taken);
          if (kind === 'end') spent += taken;
        } else if (kind === 'exchange') await exchange(process, [], 'all');
        else if (kind === 'lose answer') await exchange(process, which % 2 === 0 ? [units] : [], 'nothing');
        else if (kind === 'lose ask' || kind === 'delay') {
          const ask = lease.ask(which % 2 === 0 ? [units] : [], nowMs);
          lease.lost();
          lease.settle();
          if (kind === 'delay') late.push({ name: process.name, ask });
        } else if (kind === 'arrive') {
          const [message] = late.splice(which % Math.max(1, late.length), 1);
          if (message !== undefined) await arrive(message);
        } else if (kind === 'drain') await process.drain();
        else if (kind === 'die') {
          dead.push(process);
          living[at] = new Process(limit);
        } else if (kind === 'adopt') {
          const gone = dead.shift();
          if (gone !== undefined) await adopt(gone);
          if (gone !== undefined) gone.running = [];
        } else if (kind === 'bury alive') {
          // It cannot know: until it hears of it, it goes on with what it had, which others may have now too.
          await adopt(process);
          beyond += process.reserved;
          process.name = `process_${(names += 1)}`;
          lease.renamed();
          const had = process.reserved;
          await exchange(process, [], 'all');
          expect(process.reserved).toBe(had);
        } else if (kind === 'amount') {
          amount = Math.max(0, first + units * 5 - 100);
          highest = Math.max(highest, amount);
          await bench.setAmount(limit, amount);
        } else await bench.client.query('select gt_budget_sweep()');
        const running = [...living, ...dead].reduce((sum, { reserved }) => sum + reserved, 0);
        expect(spent + running).toBeLessThanOrEqual(highest + beyond);
      }

      for (const message of late) await arrive(message);
      for (const process of dead) await adopt(process);
      for (const process of living) {
        for (const call of process.running.splice(0)) process.end(call, call.units);
        process.lease.surrender();
        await exchange(process, [], 'all');
        await process.drain();
      }
      expect(await bench.faults()).toEqual([]);
      const settled = await bench.settled(limit);
      expect(await bench.open(limit)).toBe(0);
      const left = Math.max(0, amount - settled);
      const last = new Process(limit);
      await exchange(last, [left + 1], 'all');
      expect([last.reserved, last.lease.refusal(left + 1).waitMs]).toEqual([0, null]);
      if (left > 0) await exchange(last, [left], 'all');
      expect(last.reserved).toBe(left);
    }),
    { numRuns: soak ? 400 : 60 },
  );
}, 600_000);
