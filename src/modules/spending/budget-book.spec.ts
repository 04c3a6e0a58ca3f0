import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { periodOf } from '../budgets/budget-period.js';
import { BudgetBook, type BudgetRow } from './budget-book.js';

const hourMs = 3_600_000;
const name = fc.constantFrom('a', 'b', 'c');

const rows = fc
  .array(
    fc.record({
      subject: fc.oneof(
        fc.record({ keyIds: fc.uniqueArray(name, { minLength: 1 }), endpoint: fc.constant(null) }),
        fc.record({ keyIds: fc.constant(null), endpoint: fc.option(name) }),
      ),
      window: fc.constantFrom('day', 'week', 'month', 'total' as const),
      hard: fc.boolean(),
    }),
    { maxLength: 6 },
  )
  .map((all) =>
    all.map(({ subject, window, hard }, at): BudgetRow => ({
      id: `bud_${at}`,
      ...subject,
      window: window as BudgetRow['window'],
      currency: null,
      amount: 10,
      hard,
      unpriced: 'refuse',
      epochMs: 1,
    })),
  );

/** Moments within a year, some of them close together and some of them back. */
const moments = fc.array(fc.integer({ min: 0, max: 365 * 24 }), { minLength: 1, maxLength: 8 });

describe('the budgets that count a call', () => {
  it('are those of its key, of its endpoint and of the tenant, each in the period that is now, whatever was asked before', () => {
    fc.assert(
      fc.property(rows, moments, name, name, (all, hours, keyId, endpoint) => {
        const book = new BudgetBook('ten_a', 'Europe/Berlin', all);
        for (const hour of hours) {
          const nowMs = Date.UTC(2026, 0, 1) + hour * hourMs;
          const wanted = all.filter((row) => row.keyIds?.includes(keyId) ?? (row.endpoint === null || row.endpoint === endpoint));
          const found = book.of({ keyId, endpoint }, nowMs, 'j1');
          expect(found.map(({ limit }) => limit.budgetId)).toEqual(wanted.map(({ id }) => id));
          for (const { limit } of found)
            expect({ startsAtMs: limit.startsAtMs, endsAtMs: limit.endsAtMs }).toEqual(
              periodOf(limit.window, 'Europe/Berlin', nowMs),
            );
          expect(book.stops({ keyId, endpoint }, nowMs, 'j1')).toBe(wanted.some(({ hard }) => hard));
        }
      }),
    );
  });

  it('are the same limits as long as period and journal are, for all calls', () => {
    const named = { id: 'bud_1', keyIds: null, endpoint: null, epochMs: 1 };
    const book = new BudgetBook('ten_a', 'UTC', [
      { ...named, window: 'day', currency: 'USD', amount: 10, hard: true, unpriced: 'allow' },
    ]);
    const limitAt = (hour: number, journal: string, keyId = 'a') =>
      book.of({ keyId, endpoint: 'e' }, Date.UTC(2026, 0, 1) + hour * hourMs, journal)[0]?.limit;
    const first = limitAt(1, 'j1');
    expect(limitAt(23, 'j1')).toBe(first);
    expect(limitAt(2, 'j1', 'b')).toBe(first);
    expect(limitAt(25, 'j1')?.id).not.toBe(first?.id);
    expect(limitAt(1, 'j2')?.id).not.toBe(first?.id);
  });

  it('depend on keys and endpoints only where a budget names one', () => {
    const of = (subject: Pick<BudgetRow, 'keyIds' | 'endpoint'>) => {
      const rest = { id: 'bud_1', window: 'day', currency: null, amount: 1, hard: true, unpriced: 'allow', epochMs: 1 } as const;
      const book = new BudgetBook('ten_a', 'UTC', [{ ...rest, ...subject }]);
      return ['budgets', 'tenants', 'keys', 'endpoints', 'connections'].filter((kind) => book.dependsOn(kind));
    };
    expect(of({ keyIds: null, endpoint: null })).toEqual(['budgets', 'tenants']);
    expect(of({ keyIds: ['a'], endpoint: null })).toEqual(['budgets', 'tenants', 'keys']);
    expect(of({ keyIds: null, endpoint: 'e' })).toEqual(['budgets', 'tenants', 'endpoints']);
  });
});

describe('the budgets of a call', () => {
  const day = Date.UTC(2026, 10, 30);
  const row: BudgetRow = {
    ...{ id: 'bud_1', keyIds: null, endpoint: null, window: 'day', currency: 'USD', amount: 10, hard: false },
    ...{ unpriced: 'refuse', epochMs: 3 },
  };
  const several: readonly BudgetRow[] = [
    row,
    { ...row, id: 'bud_2', keyIds: ['key_a', 'key_b'], hard: true, unpriced: 'allow', currency: null },
    { ...row, id: 'bud_3', endpoint: 'assistant', window: 'total' },
    { ...row, id: 'bud_4', keyIds: ['key_a'], endpoint: 'other' },
  ];

  it('depend on keys and endpoints where one of several names one', () => {
    const book = new BudgetBook('ten_a', 'UTC', several);
    expect(['keys', 'endpoints', 'budgets', 'connections'].map((kind) => book.dependsOn(kind))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it('are none where there are none', () => {
    expect(new BudgetBook('ten_a', 'UTC', []).of({ keyId: 'key_a', endpoint: 'x' }, day, 'j1')).toEqual([]);
    expect(new BudgetBook('ten_a', 'UTC', several.slice(3)).of({ keyId: 'key_b', endpoint: 'x' }, day, 'j1')).toEqual([]);
  });

  it('are each as they are stored, in the period of this moment', () => {
    const named = { tenantId: 'ten_a', most: 10, epoch: 3 };
    const today = { startsAtMs: day, endsAtMs: day + 86_400_000 };
    const book = new BudgetBook('ten_a', 'UTC', several);
    expect(book.of({ keyId: 'key_a', endpoint: 'assistant' }, day + 5, 'j1')).toEqual([
      {
        limit: {
          ...{ ...named, ...today, id: `ten_a/bud_1/${day}/j1`, budgetId: 'bud_1' },
          ...{ owner: 'tenant', window: 'day', currency: 'USD' },
        },
        ...{ hard: false, unpriced: 'refuse' },
      },
      {
        limit: {
          ...{ ...named, ...today, id: `ten_a/bud_2/${day}/j1`, budgetId: 'bud_2' },
          ...{ owner: 'key', window: 'day', currency: null },
        },
        ...{ hard: true, unpriced: 'allow' },
      },
      {
        limit: {
          ...{ ...named, id: 'ten_a/bud_3/0/j1', budgetId: 'bud_3', startsAtMs: 0, endsAtMs: null },
          ...{ owner: 'endpoint', window: 'total', currency: 'USD' },
        },
        ...{ hard: false, unpriced: 'refuse' },
      },
    ]);
  });

  it('are each in their own period, whichever of them ends first', () => {
    const dayMs = 86_400_000;
    const [noon, month] = [Date.UTC(2026, 10, 10, 12), Date.UTC(2026, 10, 1)];
    const book = new BudgetBook('ten_a', 'UTC', [
      row,
      { ...row, id: 'bud_5', window: 'month' },
      { ...row, id: 'bud_6', window: 'total' },
    ]);
    const at = (nowMs: number) => book.of({ keyId: 'key_a', endpoint: 'x' }, nowMs, 'j1');
    const startsAt = (nowMs: number): number[] => at(nowMs).map(({ limit }) => limit.startsAtMs);
    const today = noon - dayMs / 2;
    expect(startsAt(noon)).toEqual([today, month, 0]);
    expect(at(today)).toBe(at(today + dayMs - 1));
    expect(startsAt(today + dayMs)).toEqual([today + dayMs, month, 0]);
    expect(startsAt(today + dayMs - 1)).toEqual([today, month, 0]);
    expect(startsAt(Date.UTC(2026, 11, 1))).toEqual([Date.UTC(2026, 11, 1), Date.UTC(2026, 11, 1), 0]);
  });

  it('are those of a call that was not asked about for long, too', () => {
    const book = new BudgetBook('ten_a', 'UTC', several);
    const idsOf = (keyId: string, endpoint: string) =>
      book.of({ keyId, endpoint }, day, 'j1').map(({ limit: { budgetId } }) => budgetId);
    for (let at = 0; at <= 10_000; at += 1) idsOf(`key_${at}`, 'x');
    expect([idsOf('key_a', 'assistant'), idsOf('key_c', 'x')]).toEqual([['bud_1', 'bud_2', 'bud_3'], ['bud_1']]);
  });
});
