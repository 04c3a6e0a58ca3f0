import { describe, expect, it } from '@jest/globals';
import { LastCharges } from './last-charges.js';

describe('the last charges of a name', () => {
  it('are the highest one, which fades by a tenth with each call that took less', () => {
    const charges = new LastCharges();
    expect(charges.of('a')).toBe(0);
    charges.learn('a', 100);
    expect([charges.of('a'), charges.of('b')]).toEqual([100, 0]);
    charges.learn('a', 5);
    expect(charges.of('a')).toBe(90);
    charges.learn('a', 85);
    expect(charges.of('a')).toBe(85);
    charges.learn('a', 1);
    expect(charges.of('a')).toBe(77);
  });

  it('are forgotten of the name that was learned longest ago beyond ten thousand', () => {
    const charges = new LastCharges();
    for (const name of ['first', 'second', ...Array.from({ length: 9_998 }, (_, at) => `n${at}`)]) charges.learn(name, 10);
    charges.learn('first', 10);
    expect(charges.of('second')).toBe(10);
    charges.learn('new', 10);
    expect([charges.of('first'), charges.of('second'), charges.of('new')]).toEqual([10, 0, 10]);
  });
});
