import { describe, expect, it } from '@jest/globals';
import { pauseAfter } from './delivery-schedule.js';

describe('the tries of a delivery', () => {
  it('are seven, each pause longer than the one before, over seven hours', () => {
    const pauses: number[] = [];
    for (let attempts = 1, pause = pauseAfter(1); pause !== null; attempts += 1, pause = pauseAfter(attempts)) pauses.push(pause);
    expect(pauses).toHaveLength(6);
    expect(pauses).toEqual([...pauses].sort((one, other) => one - other));
    expect(pauses[0]).toBe(5_000);
    expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBeGreaterThan(7 * 3_600_000);
  });

  it('do not begin again after the last', () => {
    for (const attempts of [7, 8, 100]) expect(pauseAfter(attempts)).toBeNull();
  });
});
