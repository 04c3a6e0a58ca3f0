import { describe, expect, it } from '@jest/globals';
import { slicesOf } from './slices.js';

describe('slices', () => {
  it.each([
    [[], 2, []],
    [[1], 2, [[1]]],
    [[1, 2], 2, [[1, 2]]],
    [[1, 2, 3, 4, 5], 2, [[1, 2], [3, 4], [5]]],
  ])('of %j by %d are %j', (list, count, slices) => {
    expect([...slicesOf<number>(list, count)]).toEqual(slices);
  });
});
