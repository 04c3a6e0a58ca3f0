import type { ListQuery, RowPage } from '../../contracts/lists.js';
import { AppError } from '../../kernel/app-error.js';

/**
 * One page of a list that is held in memory, with the rules of every list: `after` continues behind an item, `before`
 * gives the items that stand directly before one.
 * @param items what the filter leaves, the oldest first.
 * @param all the unfiltered list in the same order: a cursor may be an item that the filter hides.
 * @throws AppError invalid_value when the cursor is no item of the list, or both cursors are given.
 */
export function pageOf<Item extends { readonly id: string }>(
  items: readonly Item[],
  all: readonly Item[],
  query: ListQuery,
): RowPage<Item> {
  if (query.after !== undefined && query.before !== undefined) {
    throw new AppError('invalid_value', { param: 'before', message: "Give 'after' or 'before', not both." });
  }
  const param = query.before === undefined ? 'after' : 'before';
  const cursor = query[param];
  const place = new Map(all.map((item, at) => [item.id, query.order === 'asc' ? at : -at]));
  const at = cursor === undefined ? undefined : place.get(cursor);
  if (cursor !== undefined && at === undefined) {
    throw new AppError('invalid_value', { param, message: `The cursor '${param}' is not the id of an item of this list.` });
  }
  const ordered = query.order === 'asc' ? items : items.toReversed();
  const placeOf = (item: Item): number => place.get(item.id) ?? 0;
  if (at === undefined) return { rows: ordered.slice(0, query.limit), hasMore: ordered.length > query.limit };
  const beyond = ordered.filter((item) => (param === 'after' ? placeOf(item) > at : placeOf(item) < at));
  return {
    rows: param === 'after' ? beyond.slice(0, query.limit) : beyond.slice(-query.limit),
    hasMore: beyond.length > query.limit,
  };
}
