import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Groups } from './groups.js';

interface Begun {
  readonly line: string;
  readonly items: readonly number[];
  readonly end: () => void;
}

/** Groups whose work ends when the test says so; each item gives itself. */
function held(most: number): { readonly groups: Groups<number, number>; readonly begun: Begun[] } {
  const begun: Begun[] = [];
  const groups = new Groups<number, number>(async (line, items) => {
    await new Promise<void>((end) => begun.push({ line, items, end }));
    return items.map((value) => ({ status: 'fulfilled', value }));
  }, most);
  return { groups, begun };
}

describe('Groups', () => {
  it('begin at once with what comes alone, and do together what comes meanwhile', async () => {
    const { groups, begun } = held(3);
    const results = [1, 2, 3, 4, 5].map((item) => groups.add('a', item));
    expect(begun.map(({ items }) => items)).toEqual([[1]]);
    begun[0]?.end();
    await results[0];
    begun[1]?.end();
    await results[3];
    begun[2]?.end();
    expect(await Promise.all(results)).toEqual([1, 2, 3, 4, 5]);
    expect(begun.map(({ items }) => items)).toEqual([[1], [2, 3, 4], [5]]);
  });

  it('let no line wait for another', async () => {
    const { groups, begun } = held(3);
    const slow = groups.add('a', 1);
    const other = groups.add('b', 2);
    begun.find(({ line }) => line === 'b')?.end();
    expect(await other).toBe(2);
    begun.find(({ line }) => line === 'a')?.end();
    expect(await slow).toBe(1);
  });

  it('give all of a group what its work threw, and go on with the next', async () => {
    let isFirst = true;
    const groups = new Groups<number, number>((_line, items) => {
      if (!isFirst) return Promise.resolve(items.map((value) => ({ status: 'fulfilled', value })));
      isFirst = false;
      return Promise.reject(new Error('no'));
    }, 1);
    const settled = await Promise.allSettled([groups.add('a', 1), groups.add('a', 2)]);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });

  it('give each item its own result, once and in order, however they come', async () => {
    const arrivals = fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.boolean(), fc.nat(3)), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(arrivals, fc.integer({ min: 1, max: 5 }), async (given, most) => {
        const done: Record<string, number[]> = { a: [], b: [] };
        const groups = new Groups<{ at: number; isGood: boolean }, number>(async (line, items) => {
          await new Promise(setImmediate);
          expect(items.length).toBeLessThanOrEqual(most);
          done[line]?.push(...items.map(({ at }) => at));
          return items.map(({ at, isGood }) =>
            isGood ? { status: 'fulfilled', value: at } : { status: 'rejected', reason: at },
          );
        }, most);
        const results: Promise<PromiseSettledResult<number>[]>[] = [];
        for (const [at, [line, isGood, turns]] of given.entries()) {
          for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
          results.push(Promise.allSettled([groups.add(line, { at, isGood })]));
        }
        const settled = (await Promise.all(results)).flat();
        expect(settled).toEqual(
          given.map(([, isGood], at) => (isGood ? { status: 'fulfilled', value: at } : { status: 'rejected', reason: at })),
        );
        for (const line of ['a', 'b']) expect(done[line]).toEqual(given.flatMap(([of], at) => (of === line ? [at] : [])));
      }),
    );
  });
});
