import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inDeletionOrder } from './deletion-order.js';

/** Tables that name only earlier ones, shuffled. */
const tables = fc.array(fc.array(fc.nat(30), { maxLength: 4 }), { maxLength: 20 }).chain((all) =>
  fc.shuffledSubarray(
    all.map((named, at) => ({ name: `t${at}`, references: named.filter((other) => other < at).map((other) => `t${other}`) })),
    { minLength: all.length },
  ),
);

describe('the order in which tables are emptied', () => {
  it('has each table once, before those that it names', () => {
    fc.assert(
      fc.property(tables, (given) => {
        const order = inDeletionOrder(given).map(({ name }) => name);
        expect([...order].sort()).toEqual(given.map(({ name }) => name).sort());
        for (const { name, references } of given)
          for (const named of references) expect(order.indexOf(name)).toBeLessThan(order.indexOf(named));
      }),
    );
  });

  it('leaves out no table of a circle', () => {
    const circle = [
      { name: 'a', references: ['b'] },
      { name: 'b', references: ['a'] },
      { name: 'c', references: ['a'] },
    ];
    expect(inDeletionOrder(circle).map(({ name }) => name)).toEqual(['c', 'a', 'b']);
  });
});
