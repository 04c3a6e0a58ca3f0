import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Money } from './money.js';

const most = Number.MAX_SAFE_INTEGER;

describe('money as text', () => {
  it('is told in units of its currency, with two decimals or as many as it needs', () => {
    const text = (micros: number): string => new Money(micros).text();
    expect([0, 43, 5_000_000, 12_340_000, 1_234_567, -2_500_000].map(text)).toEqual([
      '0.00',
      '0.000043',
      '5.00',
      '12.34',
      '1.234567',
      '-2.50',
    ]);
    expect(new Money(5_000_000).text(6)).toBe('5.000000');
    expect(new Money(most).text()).toBe('9007199254.740991');
  });

  it('loses nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: -most, max: most }), (micros) => {
        const money = new Money(micros);
        const [, sign, whole, fraction = ''] = /^(-?)(\d+)\.(\d{2,6})$/.exec(money.text()) ?? [];
        expect(fraction).toHaveLength(money.decimals);
        expect(BigInt(`${sign ?? ''}${whole ?? ''}${fraction.padEnd(6, '0')}`)).toBe(BigInt(micros));
      }),
    );
  });
});
