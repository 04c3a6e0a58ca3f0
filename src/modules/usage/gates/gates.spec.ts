import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CallJournal } from '../../../platform/journal/call-journal.js';
import type { CallEnd, CallStart } from '../../../platform/journal/call-record.js';
import { Metrics } from '../../../observability/metrics.js';
import { CallLimiter } from '../../limits/call-limiter.js';
import { PostgresLimitStore } from '../../../platform/limits/postgres-limit-store.js';
import { CallPricing, type PriceBooks } from '../../prices/call-pricing.js';
import { PriceRows, type PriceBook } from '../../prices/price-terms.js';
import { BudgetStore } from '../../../platform/budgets/budget-store.js';
import { StoreClock } from '../../../platform/budgets/store-clock.js';
import { BudgetBook } from '../../spending/budget-book.js';
import { BudgetLease } from '../../spending/budget-lease.js';
import { BudgetLimiter } from '../../spending/budget-limiter.js';
import { RefusedBudgets } from '../../budgets/refused-budgets.js';
import { Spending, type BudgetBooks } from '../../spending/spending.js';
import { unlimited } from './call-size.js';
import { Gates } from './gates.js';
import type { Ticket } from './ticket.js';

const call: CallStart = {
  id: 'use_1',
  tenantId: 'ten_a',
  keyId: 'key_a',
  requestId: 'req_a',
  route: 'chat.completions.create',
  endpoint: 'assistant',
  connectionId: 'con_a',
  model: 'big',
  stream: false,
  startedAtMs: 1,
};

const end: CallEnd = {
  status: 200,
  state: 'completed',
  source: 'upstream',
  inputTokens: 1,
  cachedInputTokens: 0,
  outputTokens: 1,
  reasoningTokens: 0,
  totalTokens: 2,
  latencyMs: 1,
  firstTokenMs: null,
};

let root: string;
let journal: CallJournal;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gt-admission-'));
  journal = new CallJournal({ root, onError: () => undefined });
});

afterEach(async () => {
  await journal.close();
  await rm(root, { recursive: true, force: true });
});

/** The prices of a process that has them in memory. */
const inMemory = (book: PriceBook): PriceBooks => ({ peek: () => book, of: () => Promise.resolve(book) });
/** A mark-up of a tenth on `perToken` micro-units for each token. */
function bookOf(perToken: number): PriceBook {
  const price = { currency: 'USD', amounts: { input: perToken * 1_000_000, output: perToken * 1_000_000 } };
  const row = { id: 'tpr_1', connectionId: 'con_a', model: 'big', validFromMs: 0, price, markupPerMille: 100 };
  return { ...noBook, ofTenant: new PriceRows([row], ({ connectionId }) => connectionId) };
}
const noBook: PriceBook = {
  ofProviders: new PriceRows([], () => ''),
  ofTenant: new PriceRows([], () => ''),
  providers: new Map(),
  markupPerMille: 0,
};
const noPrices = inMemory(noBook);

/** Cost, charge and currency of each record that was written since the last time. */
async function pricesWritten(): Promise<unknown[][]> {
  const batch = await journal.nextBatch(10);
  batch?.confirm();
  return (batch?.records ?? []).map(({ text }) => (JSON.parse(text) as unknown[]).slice(26));
}

/** Nothing is limited, so nobody asks it. */
const limiter = new CallLimiter(new PostgresLimitStore('postgres://127.0.0.1:1/none'), { process: () => 'p1' });
const budgetLimiter = new BudgetLimiter(new BudgetStore('postgres://127.0.0.1:1/none', new StoreClock()), {
  process: () => 'p1',
  leaseOf: (limit) => new BudgetLease(limit),
});
const noBudgets: BudgetBooks = { peek: () => new BudgetBook('ten_a', 'UTC', []), of: () => Promise.reject(new Error('none')) };
const gatesOf = (books: PriceBooks = noPrices, metrics = new Metrics()) =>
  new Gates(
    journal,
    limiter,
    metrics,
    new CallPricing(books, metrics),
    new Spending(noBudgets, budgetLimiter, new StoreClock(), journal, metrics, new RefusedBudgets()),
  );
const reserve = (gates = gatesOf()) =>
  new Promise<Ticket>((resolve, reject) => gates.reserve(gates.pass([]), call, unlimited, resolve, reject));
const settle = (ticket: Ticket, result: CallEnd) => new Promise<void>((resolve) => ticket.settle(result, resolve));

describe('the gates', () => {
  it('let a call through after they have returned, when the call is on record', async () => {
    const gates = gatesOf();
    let isReserved = false;
    const reserved = new Promise<void>((resolve, reject) => {
      const letThrough = (): void => {
        isReserved = true;
        resolve();
      };
      gates.reserve(gates.pass([]), call, unlimited, letThrough, reject);
    });
    expect(isReserved).toBe(false);
    await reserved;
    expect(journal.counts().open).toBe(1);
  });

  it('settle a call once: the first result counts, and each settling is answered', async () => {
    const ticket = await reserve();
    await Promise.all([settle(ticket, end), settle(ticket, { ...end, state: 'client_closed' })]);
    await settle(ticket, { ...end, state: 'upstream_failed' });
    const records = (await journal.nextBatch(10))?.records.map(({ text }) => (JSON.parse(text) as unknown[])[11]);
    expect(records).toEqual(['completed']);
  });

  it('book what a call cost by the prices that held when it began', async () => {
    let book = bookOf(10);
    const gates = gatesOf({ peek: () => book, of: () => Promise.resolve(book) });
    const ticket = await reserve(gates);
    book = bookOf(50);
    await settle(ticket, end);
    await settle(await reserve(gates), end);
    expect(await pricesWritten()).toEqual([
      [20, 22, 'USD'],
      [100, 110, 'USD'],
    ]);
  });

  it('book nothing where there is no price, and count such calls', async () => {
    const metrics = new Metrics();
    await settle(await reserve(gatesOf(noPrices, metrics)), end);
    expect(await pricesWritten()).toEqual([[]]);
    expect(metrics.unpricedCalls.count('no_price')).toBe(1);
  });

  it('let a call begin while its prices are read, and book it by them, its first end alone', async () => {
    let read: (book: PriceBook) => void = () => undefined;
    const reading = new Promise<PriceBook>((resolve) => (read = resolve));
    const ticket = await reserve(gatesOf({ peek: () => undefined, of: () => reading }));
    const settled = Promise.all([settle(ticket, end), settle(ticket, { ...end, totalTokens: 9, inputTokens: 8 })]);
    expect(await pricesWritten()).toEqual([]);
    read(bookOf(10));
    await settled;
    expect(await pricesWritten()).toEqual([[20, 22, 'USD']]);
  });

  it.each([
    ['cannot be read', () => Promise.reject(new Error('The database is away.'))],
    ['are not read in time', () => new Promise<PriceBook>(() => undefined)],
  ])('settle a call whose prices %s without a price, and count it', async (_, of) => {
    Logger.overrideLogger(false);
    const metrics = new Metrics();
    await settle(await reserve(gatesOf({ peek: () => undefined, of }, metrics)), end);
    expect(await pricesWritten()).toEqual([[]]);
    expect(metrics.unpricedCalls.count('unread')).toBe(1);
  });

  it('give each place back once', () => {
    const gates = gatesOf();
    const [first, second] = [gates.pass([]), gates.pass([])];
    expect(gates.held).toBe(2);
    first.leave();
    first.leave();
    expect(gates.held).toBe(1);
    second.leave();
    expect(gates.held).toBe(0);
  });
});
