import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Metrics } from '../../observability/metrics.js';
import { BudgetStore } from '../../platform/budgets/budget-store.js';
import { StoreClock } from '../../platform/budgets/store-clock.js';
import { CallJournal } from '../../platform/journal/call-journal.js';
import { beginLine, beginText, readBegin } from '../../platform/journal/call-record.js';
import { RefusedBudgets } from '../budgets/refused-budgets.js';
import { BudgetBook, type BudgetRow } from './budget-book.js';
import { BudgetLease } from './budget-lease.js';
import { BudgetLimiter } from './budget-limiter.js';
import { Spending, type Wanted } from './spending.js';

const call = { tenantId: 'ten_a', keyId: 'key_a', endpoint: 'assistant' };
const terms = { currency: 'USD', amounts: { input: 1_000_000, output: 1_000_000 }, markupPerMille: 0, priceId: 'prc_a' };

let root: string;
let journal: CallJournal;
let made = 0;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gt-spending-'));
  journal = new CallJournal({ root, onError: () => undefined });
});
afterEach(async () => {
  await journal.close();
  await rm(root, { recursive: true, force: true });
});

function budget(of: Partial<BudgetRow>): BudgetRow {
  const usual = { keyIds: null, endpoint: null, window: 'day', currency: null, amount: 1_000, hard: false } as const;
  return { ...usual, unpriced: 'refuse', epochMs: 1, id: `bud_${(made += 1)}`, ...of };
}

/** The claims of a call as a journal gives them back, each in its parts; a code where the call is refused. Nobody asks a store. */
async function claimsOf(rows: readonly BudgetRow[], wanted: Pick<Wanted, 'use' | 'terms'>): Promise<string[][] | string> {
  const clock = new StoreClock();
  const store = new BudgetStore('postgres://127.0.0.1:1/none', clock);
  const limiter = new BudgetLimiter(store, { process: () => 'p1', leaseOf: (limit) => new BudgetLease(limit) });
  const book = new BudgetBook('ten_a', 'UTC', rows);
  const books = { peek: () => book, of: () => Promise.resolve(book) };
  const spending = new Spending(books, limiter, clock, journal, new Metrics(), new RefusedBudgets());
  const budgets = await spending.budgetsOf(call);
  const text = await new Promise<string>((resolve) => {
    spending.claim(
      { call, budgets, ...wanted },
      (held) => resolve(held?.text ?? ''),
      (error) => resolve(error.code),
    );
  });
  await limiter.close();
  const begin = beginText({
    ...call,
    id: 'u',
    requestId: 'r',
    route: 'x',
    connectionId: 'c',
    model: 'm',
    stream: false,
    startedAtMs: 1,
  });
  const read = text.includes(':') ? readBegin(beginLine(begin, text).slice(1, -1))?.claims : text;
  return read?.includes(':') === true ? read.split('/').map((claim) => claim.split(':')) : (read ?? 'lost');
}

describe('what is reserved for a call', () => {
  it('is no more than a record can tell, however long its answer may be', async () => {
    const rows = [budget({}), budget({ currency: 'USD' })];
    for (const output of [1e15, 1e16, 1e300, Infinity]) {
      const claims = await claimsOf(rows, { use: { prompt: 7, output }, terms });
      expect(claims).toHaveLength(2);
    }
    expect(await claimsOf([budget({ currency: 'USD', hard: true })], { use: { prompt: 7, output: Infinity }, terms })).toBe(
      'insufficient_quota',
    );
  });

  it('stands in its record for as many budgets as may count one call', async () => {
    const rows = Array.from({ length: 40 }, () => budget({}));
    expect(await claimsOf(rows, { use: { prompt: 1, output: 1 }, terms })).toHaveLength(40);
  });

  it('is nothing where it was answered already: that is counted where its price says what it took, and is in no slice', async () => {
    const rows = [null, 'USD', 'EUR'].map((currency) => budget({ currency, hard: true }));
    const claims = await claimsOf(rows, { use: null, terms });
    expect(claims).toMatchObject([
      ['', rows[0]?.id, expect.any(String), expect.any(String), '0', ''],
      ['', rows[1]?.id, expect.any(String), expect.any(String), '0', 'USD'],
    ]);
  });
});
