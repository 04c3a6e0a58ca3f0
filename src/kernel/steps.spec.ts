import { describe, expect, it } from '@jest/globals';
import { atOnce, inSlices, type Steps } from './steps.js';

function* sum(numbers: readonly number[], done: (number: number) => void = () => undefined): Steps<number> {
  let total = 0;
  for (const number of numbers) {
    total += number;
    done(number);
    yield;
  }
  return total;
}

describe('work in steps', () => {
  it('has the same result at once and in slices', async () => {
    expect(atOnce(sum([1, 2, 3]))).toBe(6);
    expect(await inSlices(sum([1, 2, 3]))).toBe(6);
  });

  it('lets others of the process go on in between', async () => {
    const order: string[] = [];
    setImmediate(() => order.push('other'));
    await inSlices(
      sum([1, 2, 3, 4, 5, 6], (number) => {
        for (const until = performance.now() + 3; performance.now() < until;);
        order.push(`step ${number}`);
      }),
    );
    expect(order.indexOf('other')).toBeGreaterThan(0);
    expect(order.indexOf('other')).toBeLessThan(6);
  });

  it('ends with the error of the first step that fails', async () => {
    const failing = (): Steps<number> =>
      sum([1, 2], (number) => {
        throw new Error(`step ${number}`);
      });
    expect(() => atOnce(failing())).toThrow('step 1');
    await expect(inSlices(failing())).rejects.toThrow('step 1');
  });
});
