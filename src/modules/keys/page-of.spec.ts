import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../../kernel/app-error.js';
import { pageOf } from './page-of.js';

const order = fc.constantFrom('asc' as const, 'desc' as const);

/** A list and a filter of it. */
const lists = fc.array(fc.boolean(), { maxLength: 12 }).map((kept) => {
  const all = kept.map((_keep, at) => ({ id: `id-${at}` }));
  return { all, items: all.filter((_item, at) => kept[at] === true) };
});

describe('pageOf', () => {
  it('shows every item once and in order when a reader follows `after`', () => {
    fc.assert(
      fc.property(lists, order, fc.integer({ min: 1, max: 5 }), ({ all, items }, direction, limit) => {
        const seen: string[] = [];
        let page = pageOf(items, all, { limit, order: direction });
        for (;;) {
          seen.push(...page.rows.map(({ id }) => id));
          if (!page.hasMore) break;
          page = pageOf(items, all, { limit, order: direction, after: seen.at(-1) });
        }
        const expected = items.map(({ id }) => id);
        expect(seen).toEqual(direction === 'asc' ? expected : expected.reverse());
      }),
    );
  });

  it('shows every item once, from the end, when a reader follows `before`', () => {
    fc.assert(
      fc.property(lists, order, fc.integer({ min: 1, max: 5 }), ({ all }, direction, limit) => {
        fc.pre(all.length > 0);
        const shown = (direction === 'asc' ? all : all.toReversed()).map(({ id }) => id);
        const seen: string[] = [];
        for (let hasMore = true; hasMore;) {
          const page = pageOf(all, all, { limit, order: direction, before: seen[0] ?? shown.at(-1) });
          seen.unshift(...page.rows.map(({ id }) => id));
          hasMore = page.hasMore;
        }
        expect(seen).toEqual(shown.slice(0, -1));
      }),
    );
  });

  it('takes an item that the filter hides as a cursor, and refuses a stranger', () => {
    const all = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
    expect(pageOf([all[2] ?? { id: '' }], all, { limit: 5, order: 'asc', after: 'b' }).rows).toEqual([{ id: 'c' }]);
    expect(() => pageOf(all, all, { limit: 5, order: 'asc', before: 'z' })).toThrow(AppError);
    expect(() => pageOf(all, all, { limit: 5, order: 'asc', before: 'a', after: 'b' })).toThrow(AppError);
  });
});
