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

/**
 * One page of a list in the order to show. `after` continues behind a row, `before` gives the rows that stand directly
 * before one.
 * @throws AppError invalid_value when the cursor is no row of this list, or both cursors are given.
 */
export async function readPage<Row extends CursorPosition>(query: ListQuery, source: PageSource<Row>): Promise<RowPage<Row>> {
  const backwards = query.before !== undefined;
  if (backwards && query.after !== undefined) {
    throw new AppError('invalid_value', { param: 'before', message: "Give 'after' or 'before', not both." });
  }
  const cursor = await resolveCursor(query, source.find);
  const direction = (query.order === 'asc') === backwards ? 'desc' : 'asc';
  const rows = await source.list({
    where: cursor === undefined ? {} : beyond(cursor, direction === 'asc' ? 'gt' : 'lt'),
    orderBy: [{ createdAt: direction }, { id: direction }],
    take: query.limit + 1,
  });
  const shown = rows.slice(0, query.limit);
  return { rows: backwards ? shown.reverse() : shown, hasMore: rows.length > query.limit };
}

async function resolveCursor(
  query: ListQuery,
  find: (id: string) => Promise<CursorPosition | null>,
): Promise<CursorPosition | undefined> {
  const param = query.before === undefined ? 'after' : 'before';
  const id = query[param];
  if (id === undefined) return undefined;
  const found = await find(id);
  if (found === null)
    throw new AppError('invalid_value', { param, message: `The cursor '${param}' is not the id of an item of this list.` });
  return found;
}

function beyond(cursor: CursorPosition, than: 'lt' | 'gt'): PageArguments['where'] {
  return { OR: [{ createdAt: { [than]: cursor.createdAt } }, { createdAt: cursor.createdAt, id: { [than]: cursor.id } }] };
}
