import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { completed, type StatementLineRecord } from './statement-lines.js';

const names = { key: 'key_1', key_name: 'k', endpoint: 'e', connection: 'main', model: 'm' };
const anyLine: fc.Arbitrary<StatementLineRecord> = fc.oneof(
  fc
    .record({ currency: fc.constantFrom('USD', 'EUR'), calls: fc.integer({ min: 1, max: 9 }), cost: fc.nat(), charge: fc.nat() })
    .map((line) => ({ ...names, ...line })),
  fc.integer({ min: 1, max: 9 }).map((calls) => ({ ...names, currency: null, calls, cost: null, charge: null })),
);
const sumsOf = (lines: readonly StatementLineRecord[], currency: string | null) => {
  const same = lines.filter((line) => line.currency === currency);
  const sum = (of: (line: StatementLineRecord) => number | null) => same.reduce((all, line) => all + (of(line) ?? 0), 0);
  return { calls: sum((line) => line.calls), cost: sum((line) => line.cost), charge: sum((line) => line.charge) };
};

describe('the lines of a statement', () => {
  it('add up to its totals, however many are left out, with one nameless line of a currency at most', () => {
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 20 }), fc.nat(20), (all, shown) => {
        const amounts = ['EUR', 'USD']
          .map((currency) => ({ currency, ...sumsOf(all, currency) }))
          .filter(({ calls }) => calls > 0);
        const calls = all.reduce((sum, line) => sum + line.calls, 0);
        const lines = completed(all.slice(0, shown), { calls, amounts });
        for (const currency of ['EUR', 'USD', null]) {
          expect(sumsOf(lines, currency)).toEqual(sumsOf(all, currency));
          const nameless = lines.filter((line) => line.currency === currency && line.key === null);
          expect(nameless.length).toBe(all.slice(shown).some((line) => line.currency === currency) ? 1 : 0);
        }
      }),
    );
  });
});
