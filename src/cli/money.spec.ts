import { describe, expect, it } from '@jest/globals';
import { Money } from '../contracts/money.js';
import { inUnits } from './money.js';

describe('money on a terminal', () => {
  it('is what an object with a currency has, and of another its fields are numbers', () => {
    const fields = ['amount', 'left'];
    expect(inUnits({ amount: 5, left: null, calls: 7, currency: 'USD' }, fields)).toEqual({
      amount: new Money(5),
      left: null,
      calls: 7,
      currency: 'USD',
    });
    expect(inUnits({ amount: 5, currency: null }, fields)).toEqual({ amount: 5, currency: null });
    expect(inUnits({ amount: 5 }, fields, 'EUR')).toEqual({ amount: new Money(5) });
  });
});
