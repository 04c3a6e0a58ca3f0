import { expect, it } from '@jest/globals';
import { once } from 'node:events';
import { inTurn } from './in-turn.js';

it('gives the results in order, and does no more at once than it may', async () => {
  let [open, most] = [0, 0];
  const results = await inTurn([3, 1, 2, 5, 4], 2, async (item) => {
    most = Math.max(most, (open += 1));
    for (let turn = 0; turn < item; turn += 1) await Promise.resolve();
    open -= 1;
    return item * 10;
  });
  expect([results, most]).toEqual([[30, 10, 20, 50, 40], 2]);
});

it('fails when nothing of it is under way any more, and begins nothing behind a failure', async () => {
  const [begun, over]: [number[], number[]] = [[], []];
  const work = async (item: number, signal: AbortSignal): Promise<void> => {
    begun.push(item);
    if (item === 2) throw new Error('It is refused.');
    await once(signal, 'abort');
    await Promise.resolve();
    over.push(item);
  };
  await expect(inTurn([0, 1, 2, 3, 4], 3, work)).rejects.toThrow('It is refused.');
  expect([begun, over]).toEqual([
    [0, 1, 2],
    [0, 1],
  ]);
});
