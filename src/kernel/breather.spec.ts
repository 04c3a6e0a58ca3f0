import { describe, expect, it } from '@jest/globals';
import { mapInSlices } from './breather.js';

function busy(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until;);
}

describe('a long list in slices', () => {
  it('gives what map gives, in order', async () => {
    expect(await mapInSlices(['a', 'b', 'c'], (item, at) => `${item}${at}`)).toEqual(['a0', 'b1', 'c2']);
  });

  it('lets others of the process go on in between', async () => {
    const order: string[] = [];
    setImmediate(() => order.push('other'));
    await mapInSlices([1, 2, 3, 4, 5, 6], (item) => {
      busy(3);
      order.push(`item ${item}`);
    });
    expect(order.indexOf('other')).toBeGreaterThan(0);
    expect(order.indexOf('other')).toBeLessThan(6);
  });

  it('ends with the error of the first item that fails', async () => {
    const failing = mapInSlices([1, 2], (item) => {
      throw new Error(`item ${item}`);
    });
    await expect(failing).rejects.toThrow('item 1');
  });
});
