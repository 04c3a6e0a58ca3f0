import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { CountedTenants } from '../../src/modules/budgets/counted-tenants.js';
import { BudgetLease } from '../../src/modules/spending/budget-lease.js';
import { BudgetLimiter } from '../../src/modules/spending/budget-limiter.js';
import type { BudgetLimit } from '../../src/modules/spending/budget-limit.js';
import { claimsText } from '../../src/modules/spending/claims.js';
import { KeyTouches } from '../../src/modules/usage/key-touches.js';
import { UsageAdoptionService } from '../../src/modules/usage/usage-adoption.service.js';
import { UsageDrainService } from '../../src/modules/usage/usage-drain.service.js';
import { UsageKeeper } from '../../src/modules/usage/usage-keeper.js';
import { CallJournal } from '../../src/platform/journal/call-journal.js';
import type { CallRecord } from '../../src/platform/journal/call-record.js';
import { ownerFile } from '../../src/platform/journal/instance-folder.js';
import { RecordKinds } from '../../src/platform/journal/record-kinds.js';
import { BudgetBench } from '../support/budget-bench.js';
import { runFolder } from '../support/postgres.js';
import { until } from '../support/until.js';

const soak = process.env['GT_TEST_SOAK'] === '1';

let bench: BudgetBench;
let root: string;
beforeAll(async () => {
  Logger.overrideLogger(false);
  bench = await BudgetBench.start();
  root = await mkdtemp(join(runFolder(), 'budget-adoption-'));
});
afterAll(() => bench.close());

/** How a call that was taken over stands in the records of a drain. */
const forms = ['guess', 'end', 'guess, end', 'end, guess'] as const;

it('calls that several drains write at once are counted once, in whatever order and batches, guessed of or not', async () => {
  const drains = fc.array(
    fc.array(fc.record({ call: fc.nat(5), form: fc.constantFrom(...forms), isLast: fc.boolean() }), {
      minLength: 1,
      maxLength: 10,
    }),
    { minLength: 2, maxLength: 4 },
  );
  await fc.assert(
    fc.asyncProperty(drains, async (plans) => {
      const limits = [await bench.budget(1_000), await bench.budget(1_000)] as const;
      // Of several keys: drains of one key wait for each other.
      const calls = Array.from({ length: 6 }, (_none, at) => {
        const held = limits.map((limit) => ({ limit, lease: null, amount: 10 }));
        const begun = { id: bench.newCall(), claims: claimsText(held), keyId: `key_of_${limits[at % 2]?.budgetId}` };
        return { guess: bench.guessed(begun), end: bench.ended(begun, at + 1) };
      });
      const ended = new Set<number>();
      await Promise.all(
        plans.map(async (plan) => {
          const batch: CallRecord[] = [];
          for (const { call, form, isLast } of plan) {
            for (const one of form.split(', ') as ('guess' | 'end')[]) batch.push((calls[call] as (typeof calls)[0])[one]);
            if (form !== 'guess') ended.add(call);
            if (isLast) await bench.drain.write(batch.splice(0), []);
          }
          await bench.drain.write(batch, []);
        }),
      );
      const taken = [...ended].reduce((sum, at) => sum + at + 1, 0);
      for (const limit of limits) expect(await bench.settled(limit)).toBe(taken);
      expect(await bench.faults()).toEqual([]);
    }),
    { numRuns: soak ? 300 : 40 },
  );
}, 300_000);

/** A process as far as budgets and the journal know it, with its own drain, and its own look for journals of the dead. */
class Process {
  readonly told: unknown[] = [];
  readonly journal: CallJournal;
  readonly limiter: BudgetLimiter;
  readonly drain: UsageDrainService;
  readonly adoption: UsageAdoptionService;
  private readonly store = bench.store();

  constructor() {
    const kinds = new RecordKinds();
    new UsageKeeper(kinds, bench.drain, new CountedTenants()).onModuleInit();
    this.journal = new CallJournal({ root, kinds, heartbeatMs: 50, onError: (message) => this.told.push(message) });
    this.limiter = new BudgetLimiter(this.store, {
      process: () => this.journal.instance,
      leaseOf: (limit) => new BudgetLease(limit),
      heard: (failure) => this.told.push(failure),
    });
    this.drain = new UsageDrainService(this.journal, kinds, bench.drain, new KeyTouches(), bench.slices);
    this.adoption = new UsageAdoptionService(this.journal, kinds, bench.slices);
  }

  /** A call that reserves so much and takes less; what it took, undefined where it was refused. */
  async call(limits: readonly BudgetLimit[], units: number): Promise<number | undefined> {
    const isTaken = await new Promise<boolean>((resolve) =>
      this.limiter.take(
        limits.map((limit) => ({ limit, units })),
        () => resolve(true),
        () => resolve(false),
      ),
    );
    if (!isTaken) return undefined;
    const held = limits.map((limit) => ({ limit, lease: this.limiter.held(limit), amount: units }));
    const id = bench.newCall();
    const start = {
      id,
      tenantId: 'ten_a',
      keyId: 'key_a',
      requestId: id,
      route: 'chat.completions.create',
      endpoint: 'assistant',
    };
    const how = { connectionId: 'con_a', model: 'big', stream: false, startedAtMs: Date.now() };
    await new Promise<void>((resolve) => this.journal.begin({ ...start, ...how }, resolve, claimsText(held)));
    await wait(Math.random() * 20);
    const taken = Math.floor(Math.random() * (units + 1));
    for (const { lease } of held) {
      lease.spend(units, taken);
      this.limiter.changed(lease);
    }
    const took = { inputTokens: taken, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0, totalTokens: taken };
    const end = { status: 200, state: 'completed', source: 'upstream', latencyMs: 1, firstTokenMs: null, ...took } as const;
    await new Promise<void>((resolve) => this.journal.end(id, end, resolve));
    return taken;
  }

  /** Gives others the signs of its death; resolves when it has noticed. */
  async seemDead(meanwhile: () => Promise<unknown>): Promise<void> {
    const { instance } = this.journal;
    await rm(join(root, instance, ownerFile));
    await meanwhile();
    await until('it goes on under another name', () => this.journal.instance !== instance);
  }

  async close(): Promise<void> {
    await this.limiter.close();
    await this.drain.onApplicationShutdown();
    await this.journal.close();
    await this.store.close();
  }
}

const takenForDead = 'Another process took this one for dead and adopted its journal; it goes on in a new folder.';

it('processes that are taken for dead and drain on, while others drain their journals, count each call once', async () => {
  const limits = [await bench.budget(1_000_000), await bench.budget(1_000_000)];
  const processes = [new Process(), new Process(), new Process()];
  const rounds = soak ? 100 : 9;
  let [isOver, calls, spent] = [false, 0, 0];
  const working = processes.flatMap((process) => [
    ...Array.from({ length: 5 }, async () => {
      while (!isOver) {
        const taken = await process.call(limits, 1 + Math.floor(Math.random() * 9));
        if (taken === undefined) continue;
        calls += 1;
        spent += taken;
      }
    }),
    (async () => {
      for (; !isOver; await wait(20)) await process.drain.drainNow();
    })(),
  ]);
  for (let round = 0; round < rounds; round += 1) {
    const victim = processes[round % processes.length] as Process;
    await until(
      'calls run, and have ended',
      () => victim.journal.counts().open > 0 && victim.journal.counts().undrainedInMemory > 0,
    );
    await victim.seemDead(() =>
      Promise.all(processes.flatMap(({ drain, adoption }) => [drain.drainNow(), adoption.adoptAbandoned()])),
    );
  }
  isOver = true;
  await Promise.all(working);
  for (const process of processes) await process.close();
  const last = new Process();
  await last.adoption.adoptAbandoned();
  expect(await readdir(root)).toEqual([last.journal.instance]);
  await last.close();
  expect(new Set(processes.flatMap(({ told }) => told))).toEqual(new Set([takenForDead]));
  expect(await bench.faults()).toEqual([]);
  for (const limit of limits) expect([await bench.settled(limit), await bench.open(limit)]).toEqual([spent, 0]);
  const ids = limits.map(({ budgetId }) => budgetId);
  const entries = await bench.client.query<{ kind: string; part: number; count: number }>(
    'select kind, part, count(*)::integer from ledger_entries where budget_id = any($1) group by kind, part',
    [ids],
  );
  const countOf = (kind: string, part: number) => entries.rows.find((row) => row.kind === kind && row.part === part)?.count;
  expect([countOf('reserve', 0), countOf('settle', 0)]).toEqual([2 * calls, 2 * calls]);
  // All that was guessed of them was wrong, and is taken back.
  expect(countOf('release', 1)).toBeGreaterThan(0);
  expect(countOf('release', 2)).toBe(countOf('release', 1));
}, 300_000);
