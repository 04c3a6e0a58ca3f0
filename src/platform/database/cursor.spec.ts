import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { listQuery } from '../../contracts/lists.js';
import { AppError } from '../../kernel/app-error.js';
import { pageOf, readPage, type CursorPosition, type PageArguments, type PageSource } from './cursor.js';

/** A table in memory that understands the arguments of a page as Postgres does. */
function table(rows: readonly CursorPosition[]): PageSource<CursorPosition> {
  return {
    find: (id) => Promise.resolve(rows.find((row) => row.id === id) ?? null),
    list: ({ where, orderBy, take }: PageArguments) => {
      const ascending = JSON.stringify(orderBy).includes('asc');
      const sorted = [...rows].sort(compare);
      if (!ascending) sorted.reverse();
      return Promise.resolve(
        sorted.filter((row) => where.OR === undefined || where.OR.some((part) => matches(row, part))).slice(0, take),
      );
    },
  };
}

function compare(one: CursorPosition, other: CursorPosition): number {
  return one.createdAt.getTime() - other.createdAt.getTime() || (one.id < other.id ? -1 : 1);
}

function matches(row: CursorPosition, part: NonNullable<PageArguments['where']['OR']>[number]): boolean {
  if ('id' in part) {
    const { gt, lt } = part.id;
    return (
      row.createdAt.getTime() === part.createdAt.getTime() &&
      (gt === undefined || row.id > gt) &&
      (lt === undefined || row.id < lt)
    );
  }
  const { gt, lt } = part.createdAt;
  return (gt === undefined || row.createdAt > gt) && (lt === undefined || row.createdAt < lt);
}

/** Few times, so that many rows were created in the same millisecond. */
const someRows = fc
  .uniqueArray(fc.integer({ min: 0, max: 99 }), { maxLength: 30 })
  .map((numbers) => numbers.map((number) => ({ id: `x_${number}`, createdAt: new Date(number % 3) })));

async function walk(rows: readonly CursorPosition[], order: 'asc' | 'desc', limit: number): Promise<string[]> {
  const ids: string[] = [];
  for (let more = true; more;) {
    const after = ids.at(-1);
    const page = await readPage(listQuery.parse({ order, limit, ...(after === undefined ? {} : { after }) }), table(rows));
    ids.push(...page.rows.map(({ id }) => id));
    more = page.hasMore;
  }
  return ids;
}

describe('readPage', () => {
  it('walking with after shows every row once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(someRows, fc.integer({ min: 1, max: 7 }), async (rows, limit) => {
        const inOrder = [...rows].sort(compare).map(({ id }) => id);
        expect(await walk(rows, 'asc', limit)).toEqual(inOrder);
        expect(await walk(rows, 'desc', limit)).toEqual([...inOrder].reverse());
      }),
    );
  });

  it('before shows the rows that stand directly before the cursor, in the order of the list', async () => {
    await fc.assert(
      fc.asyncProperty(
        someRows,
        fc.nat(),
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom('asc', 'desc'),
        async (rows, pick, limit, order) => {
          fc.pre(rows.length > 0);
          const inOrder = [...rows].sort(compare);
          if (order === 'desc') inOrder.reverse();
          const at = pick % rows.length;
          const page = await readPage(listQuery.parse({ order, limit, before: inOrder[at]?.id }), table(rows));
          expect(page.rows).toEqual(inOrder.slice(Math.max(0, at - limit), at));
          expect(page.hasMore).toBe(at > limit);
        },
      ),
    );
  });

  it('refuses a cursor that is no row, and two cursors', async () => {
    const rows = [{ id: 'a', createdAt: new Date(0) }];
    await expect(readPage(listQuery.parse({ after: 'b' }), table(rows))).rejects.toMatchObject({
      code: 'invalid_value',
      param: 'after',
    });
    await expect(readPage(listQuery.parse({ before: 'b' }), table(rows))).rejects.toMatchObject({
      code: 'invalid_value',
      param: 'before',
    });
    await expect(readPage(listQuery.parse({ after: 'a', before: 'a' }), table(rows))).rejects.toMatchObject({
      code: 'invalid_value',
      param: 'before',
    });
  });
});

const order = fc.constantFrom('asc' as const, 'desc' as const);

/** A list and a filter of it. */
const lists = fc.array(fc.boolean(), { maxLength: 12 }).map((kept) => {
  const all = kept.map((_keep, at) => ({ id: `id-${at}` }));
  return { all, items: all.filter((_item, at) => kept[at] === true) };
});

describe('pageOf', () => {
  it('shows every item once and in order when a reader follows `after`', async () => {
    await fc.assert(
      fc.asyncProperty(lists, order, fc.integer({ min: 1, max: 5 }), async ({ all, items }, direction, limit) => {
        const seen: string[] = [];
        let page = await pageOf(items, all, { limit, order: direction });
        for (;;) {
          seen.push(...page.rows.map(({ id }) => id));
          if (!page.hasMore) break;
          page = await pageOf(items, all, { limit, order: direction, after: seen.at(-1) });
        }
        const expected = items.map(({ id }) => id);
        expect(seen).toEqual(direction === 'asc' ? expected : expected.reverse());
      }),
    );
  });

  it('shows every item once, from the end, when a reader follows `before`', async () => {
    await fc.assert(
      fc.asyncProperty(lists, order, fc.integer({ min: 1, max: 5 }), async ({ all }, direction, limit) => {
        fc.pre(all.length > 0);
        const shown = (direction === 'asc' ? all : all.toReversed()).map(({ id }) => id);
        const seen: string[] = [];
        for (let hasMore = true; hasMore;) {
          const page = await pageOf(all, all, { limit, order: direction, before: seen[0] ?? shown.at(-1) });
          seen.unshift(...page.rows.map(({ id }) => id));
          hasMore = page.hasMore;
        }
        expect(seen).toEqual(shown.slice(0, -1));
      }),
    );
  });

  it('takes an item that the filter hides as a cursor, and refuses a stranger', async () => {
    const all = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
    const [last] = all.slice(2);
    expect((await pageOf(last === undefined ? [] : [last], all, { limit: 5, order: 'asc', after: 'b' })).rows).toEqual([
      { id: 'c' },
    ]);
    await expect(pageOf(all, all, { limit: 5, order: 'asc', before: 'z' })).rejects.toThrow(AppError);
    await expect(pageOf(all, all, { limit: 5, order: 'asc', before: 'a', after: 'b' })).rejects.toThrow(AppError);
  });
});
