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
