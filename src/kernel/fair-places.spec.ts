import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FairPlaces, type NoPlace } from './fair-places.js';

const long = 60_000;

/** Nine places, a share of three, and who holds and waits. */
function benchOf(bounds: Partial<ConstructorParameters<typeof FairPlaces>[0]> = {}) {
  const places = new FairPlaces({ places: 9, maxWaiting: 1_000, waitMs: long, ...bounds });
  const granted: string[] = [];
  const refused: [string, NoPlace][] = [];
  return {
    places,
    granted,
    refused,
    take: (holder: string, count: number) => Array.from({ length: count }, () => places.take(holder)).filter(Boolean).length,
    wait: (holder: string) =>
      places.wait(holder, { granted: () => granted.push(holder), refused: (why) => refused.push([holder, why]) }),
  };
}

describe('FairPlaces', () => {
  it('give all to the only holder that the process has seen, and the next place to the first other', () => {
    const { places, granted, take, wait } = benchOf();
    expect(take('a', 20)).toBe(9);
    const leaves = [wait('a'), wait('b')];
    places.leave('a');
    expect(granted).toEqual(['b']);
    for (const leave of leaves) leave();
    expect(places.waiting).toBe(0);
  });

  it('keep a share free once there are several', () => {
    const { places, take } = benchOf();
    take('b', 1);
    places.leave('b');
    expect([take('a', 20), take('b', 20), places.taken]).toEqual([6, 3, 9]);
  });

  it('serve those within their share first, and in turn', () => {
    const { places, granted, take, wait } = benchOf();
    expect([take('b', 1), take('a', 20), take('b', 20), take('c', 1)]).toEqual([1, 5, 2, 1]);
    const leaves = ['a', 'c', 'c', 'd'].map((holder) => wait(holder));
    for (let count = 0; count < 3; count += 1) places.leave('a');
    expect(granted).toEqual(['c', 'd', 'a']);
    for (const leave of leaves) leave();
  });

  it('are all served as they come where the share is the whole', () => {
    const { take } = benchOf({ sharePercent: 100 });
    expect([take('b', 1), take('a', 20), take('b', 1)]).toEqual([1, 8, 0]);
  });

  it('refuse whom the line has no room for, and leave room in it for others', () => {
    const { refused, take, wait } = benchOf({ maxWaiting: 3 });
    take('a', 9);
    const leaves = ['a', 'a', 'a', 'b'].map((holder) => wait(holder));
    expect(refused).toEqual([['a', 'full']]);
    for (const leave of leaves) leave();
  });

  it('refuse whoever has waited too long, who then holds nothing', async () => {
    const places = new FairPlaces({ places: 1, maxWaiting: 10, waitMs: 1 });
    places.take('a');
    const why = await new Promise((resolve) => places.wait('a', { granted: () => resolve('granted'), refused: resolve }));
    places.leave('a');
    expect([why, places.taken, places.waiting]).toEqual(['late', 0, 0]);
  });

  it('run work in a place, and leave it whatever comes of the work', async () => {
    const { places } = benchOf({ places: 1 });
    let begin: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    let end: (value: number) => void = () => undefined;
    const work = new Promise<number>((resolve) => (end = resolve));
    const fault = (why: NoPlace): Error => new Error(why);
    const first = places.run('a', () => (begin(), work), fault);
    await begun;
    const second = places.run('a', () => Promise.reject(new Error('no')), fault);
    expect([places.taken, places.waiting]).toEqual([1, 1]);
    end(5);
    await expect(first).resolves.toBe(5);
    await expect(second).rejects.toThrow('no');
    expect([places.taken, places.waiting]).toEqual([0, 0]);
  });

  it('throw what they are told to where there is no place for work, which is not begun', async () => {
    const { places } = benchOf({ places: 1, maxWaiting: 0 });
    places.take('a');
    let isBegun = false;
    const work = (): Promise<void> => Promise.resolve(void (isBegun = true));
    await expect(places.run('a', work, (why) => new Error(`There is none: ${why}`))).rejects.toThrow('There is none: full');
    expect([isBegun, places.taken]).toEqual([false, 1]);
  });

  it('are left once: who holds none leaves none', () => {
    const { places, take } = benchOf();
    places.leave('a');
    take('a', 2);
    places.leave('b');
    places.leave('a');
    expect(places.taken).toBe(1);
    places.leave('a');
    places.leave('a');
    expect([places.taken, take('a', 20)]).toEqual([0, 9]);
  });

  it('are granted to nobody who has given up waiting, or twice', () => {
    const { places, granted, take, wait } = benchOf({ places: 1 });
    take('a', 1);
    const [first, second] = [wait('a'), wait('b')];
    first();
    first();
    expect(places.waiting).toBe(1);
    places.leave('a');
    second();
    expect([granted, places.taken, places.waiting]).toEqual([['b'], 1, 0]);
  });

  it('keep the rule whatever happens, and let nobody starve', () => {
    const holders = ['a', 'b', 'c', 'd'] as const;
    const step = fc.record({ holder: fc.constantFrom(...holders), what: fc.constantFrom('ask', 'ask', 'leave', 'give up') });
    const bounds = fc.record({ places: fc.integer({ min: 1, max: 12 }), sharePercent: fc.integer({ min: 1, max: 100 }) });
    fc.assert(
      fc.property(bounds, fc.array(step, { maxLength: 120 }), ({ places: all, sharePercent }, steps) => {
        const places = new FairPlaces({ places: all, sharePercent, maxWaiting: 100_000, waitMs: long });
        const share = Math.max(1, Math.round((all * sharePercent) / 100));
        const held = new Map<string, number>(holders.map((holder) => [holder, 0]));
        const waiting = new Map<string, (() => void)[]>(holders.map((holder) => [holder, []]));
        const heldOf = (holder: string): number => held.get(holder) ?? 0;
        const seen = new Set<string>();
        const sum = (): number => [...held.values()].reduce((all, each) => all + each, 0);
        const ask = (holder: string): void => {
          seen.add(holder);
          const line = waiting.get(holder) ?? [];
          const giveUp = (): void => end();
          let isServed = false;
          const end = places.wait(holder, {
            granted: () => {
              isServed = true;
              if (line.includes(giveUp)) line.splice(line.indexOf(giveUp), 1);
              // Beyond its share only where nobody within theirs waits, and a share stays free once there are several.
              if (heldOf(holder) >= share) {
                const before = holders.filter((other) => heldOf(other) < share && (waiting.get(other)?.length ?? 0) > 0);
                expect(before).toEqual([]);
                if (seen.size > 1) expect(all - sum() - 1).toBeGreaterThanOrEqual(Math.min(share, all - share));
              }
              held.set(holder, heldOf(holder) + 1);
            },
            refused: (why) => expect(why).toBe('never'),
          });
          if (!isServed) line.push(giveUp);
        };
        const leave = (holder: string): void => {
          if (heldOf(holder) === 0) return;
          held.set(holder, heldOf(holder) - 1);
          places.leave(holder);
        };
        for (const { holder, what } of steps) {
          if (what === 'ask') ask(holder);
          else if (what === 'leave') leave(holder);
          else waiting.get(holder)?.pop()?.();
          expect(sum()).toBe(places.taken);
          expect(places.taken).toBeLessThanOrEqual(all);
          // Nobody within its share waits for a place that is free, and a lone one for none at all.
          if (places.taken < all)
            for (const each of holders) if (heldOf(each) < share || seen.size === 1) expect(waiting.get(each)).toHaveLength(0);
        }
        // Whoever waits is served if only those who hold places leave them.
        for (let turns = steps.length * 2; turns > 0 && places.waiting > 0; turns -= 1) for (const each of holders) leave(each);
        expect(places.waiting).toBe(0);
        for (const each of holders) while (heldOf(each) > 0) leave(each);
        expect(places.taken).toBe(0);
      }),
      { numRuns: 500 },
    );
  });
});
