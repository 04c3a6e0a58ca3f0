import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { Metrics } from '../../src/observability/metrics.js';
import { callLimits, type CallLimit } from '../../src/modules/limits/call-limit.js';
import { CallLimiter } from '../../src/modules/limits/call-limiter.js';
import { CallPricing } from '../../src/modules/prices/call-pricing.js';
import { PriceRows, type PriceBook } from '../../src/modules/prices/price-terms.js';
import { RefusedBudgets } from '../../src/modules/budgets/refused-budgets.js';
import { BudgetBook, type BudgetRow } from '../../src/modules/spending/budget-book.js';
import { BudgetLease } from '../../src/modules/spending/budget-lease.js';
import { BudgetLimiter } from '../../src/modules/spending/budget-limiter.js';
import { Spending } from '../../src/modules/spending/spending.js';
import { Gates } from '../../src/modules/usage/gates/gates.js';
import type { Entry } from '../../src/modules/usage/gates/entry.js';
import { BudgetStore } from '../../src/platform/budgets/budget-store.js';
import { StoreClock } from '../../src/platform/budgets/store-clock.js';
import { CallJournal } from '../../src/platform/journal/call-journal.js';
import { PostgresLimitStore } from '../../src/platform/limits/postgres-limit-store.js';
import { BudgetBench } from '../support/budget-bench.js';
import { runFolder } from '../support/postgres.js';

const row = { keyIds: null, endpoint: null, window: 'day', currency: null, hard: true, unpriced: 'refuse', epochMs: 1 } as const;
const wide: BudgetRow = { ...row, id: 'bud_wide', amount: 1_000_000 };
const spent: BudgetRow = { ...row, id: 'bud_zero', amount: 30, window: 'week' };

let bench: BudgetBench;
let limiter: CallLimiter;
let budgets: BudgetLimiter;
let journal: CallJournal;
let gates: Gates;
let close: () => Promise<void>;

beforeAll(async () => {
  bench = await BudgetBench.start();
  for (const { id, amount } of [wide, spent]) await bench.budget(amount, { id });
  const { url } = bench.database;
  const [limits, metrics, clock] = [new PostgresLimitStore(url), new Metrics(), new StoreClock()];
  const store = new BudgetStore(url, clock);
  journal = new CallJournal({ root: mkdtempSync(join(runFolder(), 'budget-gates-')), onError: () => undefined });
  limiter = new CallLimiter(limits, { process: () => 'p1' });
  budgets = new BudgetLimiter(store, { process: () => journal.instance, leaseOf: (limit) => new BudgetLease(limit) });
  const none = { ofProviders: new PriceRows([], () => ''), ofTenant: new PriceRows([], () => '') };
  const prices: PriceBook = { ...none, providers: new Map(), markupPerMille: 0 };
  const pricing = new CallPricing({ peek: () => prices, of: () => Promise.resolve(prices) }, metrics);
  const book = new BudgetBook('ten_a', 'UTC', [wide, spent]);
  const books = { peek: () => book, of: () => Promise.resolve(book) };
  const spending = new Spending(books, budgets, clock, journal, metrics, new RefusedBudgets());
  gates = new Gates(journal, limiter, metrics, pricing, spending);
  close = async () => {
    await limiter.close();
    await budgets.close();
    await limits.close();
    await store.close();
    await journal.close();
    await bench.close();
  };
});
afterAll(() => close());

const every = { requests_per_minute: 1_000, tokens_per_minute: 100_000, parallel_requests: 3 };
const ofKey = callLimits({ tenantId: 'ten_a', owner: 'key', id: 'key_a', epoch: 1 }, every);
const ofEndpoint = callLimits({ tenantId: 'ten_a', owner: 'endpoint', id: 'ep_a', epoch: 1 }, every);
let made = 0;

/** A call that wants so many tokens; the code of its refusal. */
async function tried(output: number): Promise<string | undefined> {
  const entry = await new Promise<Entry>((resolve, reject) => gates.enter(ofKey, resolve, reject));
  const call = {
    ...{ id: `use_${(made += 1)}`, tenantId: 'ten_a', keyId: 'key_a', requestId: 'req_a', route: 'chat.completions.create' },
    ...{ endpoint: 'assistant', connectionId: 'con_a', model: 'big', stream: false, startedAtMs: 1 },
  };
  const size = { bytes: 4, output, isOutputAsked: true, limits: ofEndpoint, isAnswered: false, isCounted: true };
  const refusal = await new Promise<string | undefined>((resolve) =>
    gates.reserve(
      entry,
      call,
      size,
      (ticket) => {
        const end = { status: 200, state: 'completed', source: 'upstream', latencyMs: 1, firstTokenMs: null } as const;
        const took = { inputTokens: 1, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0, totalTokens: 1 };
        ticket.settle({ ...end, ...took }, () => resolve(undefined));
      },
      ({ code }) => resolve(code),
    ),
  );
  entry.leave();
  return refusal;
}

const leftOf = async (limits: readonly CallLimit[]) =>
  Object.fromEntries((await limiter.look(limits)).map(({ limit, left }) => [`${limit.owner} ${limit.kind}`, Math.floor(left)]));

it('what a budget refuses costs no request, no token and no place, of the key or the endpoint, and nothing of other budgets', async () => {
  expect(await tried(5)).toBeUndefined();
  const before = await leftOf([...ofKey, ...ofEndpoint]);
  for (let call = 0; call < 20; call += 1) expect(await tried(500)).toBe('insufficient_quota');
  const after = await leftOf([...ofKey, ...ofEndpoint]);
  for (const [name, left] of Object.entries(before)) expect([name, (after[name] ?? 0) >= left]).toEqual([name, true]);
  expect(after).toMatchObject({ 'key parallel': 3, 'endpoint parallel': 3 });
  expect(gates.held).toBe(0);
  // Two budgets, one of which refuses: the other one has what it had, less the call that was made.
  for (const limit of book()) expect(budgets.stateOf(limit).left).toBeGreaterThanOrEqual(limit.most - 6);
});

/** The limits of both budgets, as this process holds them. */
function book() {
  return new BudgetBook('ten_a', 'UTC', [wide, spent])
    .of({ keyId: 'key_a', endpoint: 'assistant' }, Date.now(), journal.instance)
    .map(({ limit }) => limit);
}
