import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { longestSeconds, toldDuration } from './told-duration.js';

describe('a duration that a provider tells', () => {
  it('counts alike as a number and in decimal digits', () => {
    const seconds = fc.double({ min: 0.001, max: longestSeconds, noNaN: true });
    fc.assert(
      fc.property(seconds, (told) => {
        expect(toldDuration(told)).toBe(told);
        expect(toldDuration(told.toFixed(3))).toBe(Number(told.toFixed(3)));
      }),
    );
  });

  it('is undefined or a number of seconds that makes a date, whatever is told', () => {
    const anything = fc.oneof(fc.anything(), fc.double(), fc.bigInt().map(String), fc.double().map(String));
    fc.assert(
      fc.property(anything, (told) => {
        const seconds = toldDuration(told) ?? 1;
        expect(seconds > 0 && seconds <= longestSeconds).toBe(true);
        expect(Number.isNaN(new Date(Date.now() + seconds * 1000).getTime())).toBe(false);
      }),
    );
  });

  it.each([0, -1, NaN, Infinity, -Infinity, '', '0', '-1', ' 1', '1e3', '0x10', '1.', 'soon', '9'.repeat(400), null, true, [1]])(
    'is not what %j says',
    (told) => {
      expect(toldDuration(told)).toBeUndefined();
    },
  );

  it('is ten years at most', () => {
    expect([toldDuration(1e300), toldDuration('9'.repeat(30))]).toEqual([longestSeconds, longestSeconds]);
  });
});
