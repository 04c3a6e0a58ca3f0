import type { ListQuery, RowPage } from '../../contracts/lists.js';
import { AppError } from '../../kernel/app-error.js';

/** Where a row stands in a list: lists are ordered by time of creation, then by id. */
export interface CursorPosition {
  readonly id: string;
  readonly createdAt: Date;
}

/** Goes into `findMany` as it is: `where: { tenantId, ...filter, ...page.where }`, `orderBy: page.orderBy`, `take: page.take`. */
export interface PageArguments {
  readonly where: { OR?: ({ createdAt: { lt?: Date; gt?: Date } } | { createdAt: Date; id: { lt?: string; gt?: string } })[] };
  readonly orderBy: ({ createdAt: 'asc' | 'desc' } | { id: 'asc' | 'desc' })[];
  /** One more than the page shows: it tells whether there is more. */
  readonly take: number;
}

/** How a repository reads one list of one tenant. Both ways are closed over transaction and tenant. */
export interface PageSource<Row extends CursorPosition> {
  /** The row of a cursor's id, whatever the filter says; null when the tenant has none. */
  readonly find: (id: string) => Promise<CursorPosition | null>;
  readonly list: (page: PageArguments) => Promise<Row[]>;
}

/** How a list of any kind is read: the place of a cursor, and what stands beyond it. */
export interface PlacedSource<Row, Place> {
  /** Where the item of this id stands, whatever the filter says; null when the list has none. */
  readonly find: (id: string) => Promise<Place | null>;
  /** At most `take` items in this direction, from the place on, which is not among them. */
  readonly list: (from: Place | undefined, direction: 'asc' | 'desc', take: number) => Promise<Row[]>;
}

/**
 * One page of a list in the order to show. `after` continues behind an item, `before` gives the items that stand directly
 * before one.
 * @throws AppError invalid_value when the cursor is no item of this list, or both cursors are given.
 */
export async function pageFrom<Row, Place>(query: ListQuery, source: PlacedSource<Row, Place>): Promise<RowPage<Row>> {
  const backwards = query.before !== undefined;
  if (backwards && query.after !== undefined) {
    throw new AppError('invalid_value', { param: 'before', message: "Give 'after' or 'before', not both." });
  }
  const cursor = await resolveCursor(query, source);
  const direction = (query.order === 'asc') === backwards ? 'desc' : 'asc';
  // One more than the page shows: it tells whether there is more.
  const rows = await source.list(cursor, direction, query.limit + 1);
  const shown = rows.slice(0, query.limit);
  return { rows: backwards ? shown.reverse() : shown, hasMore: rows.length > query.limit };
}

/** The same for a table. */
export function readPage<Row extends CursorPosition>(query: ListQuery, source: PageSource<Row>): Promise<RowPage<Row>> {
  return pageFrom(query, {
    find: source.find,
    list: (from: CursorPosition | undefined, direction, take) =>
      source.list({
        where: from === undefined ? {} : beyond(from, direction === 'asc' ? 'gt' : 'lt'),
        orderBy: [{ createdAt: direction }, { id: direction }],
        take,
      }),
  });
}

/**
 * The same for a list that is held in memory.
 * @param items what the filter leaves, the oldest first.
 * @param all the unfiltered list in the same order: a cursor may be an item that the filter hides.
 */
export function pageOf<Item extends { readonly id: string }>(
  items: readonly Item[],
  all: readonly Item[],
  query: ListQuery,
): Promise<RowPage<Item>> {
  const places = new Map(all.map(({ id }, at) => [id, at]));
  const placeOf = ({ id }: Item): number => places.get(id) ?? 0;
  return pageFrom<Item, number>(query, {
    find: (id) => Promise.resolve(places.get(id) ?? null),
    list: (from, direction, take) => {
      const ordered = direction === 'asc' ? items : items.toReversed();
      const isBeyond = (at: number): boolean => from === undefined || (direction === 'asc' ? at > from : at < from);
      return Promise.resolve(ordered.filter((item) => isBeyond(placeOf(item))).slice(0, take));
    },
  });
}

async function resolveCursor<Row, Place>(query: ListQuery, source: PlacedSource<Row, Place>): Promise<Place | undefined> {
  const param = query.before === undefined ? 'after' : 'before';
  const id = query[param];
  if (id === undefined) return undefined;
  const found = await source.find(id);
  if (found === null)
    throw new AppError('invalid_value', { param, message: `The cursor '${param}' is not the id of an item of this list.` });
  return found;
}

function beyond(cursor: CursorPosition, than: 'lt' | 'gt'): PageArguments['where'] {
  return { OR: [{ createdAt: { [than]: cursor.createdAt } }, { createdAt: cursor.createdAt, id: { [than]: cursor.id } }] };
}
