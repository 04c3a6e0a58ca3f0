import { badRequest } from './errors.js';
import type { Exchange } from './exchange.js';
import type { JsonObject } from './request-fields.js';

/** The parameters behind the question mark of a request. */
export function queryOf({ request }: Exchange): URLSearchParams {
  return new URL(request.url ?? '/', 'http://sandbox').searchParams;
}

/**
 * One page of a list as OpenAI pages it: `limit` items behind the item `after`.
 * @param items in the order to show.
 * @throws SandboxError 400 for a limit that is none, or an item that is not there.
 */
export function pageOf<Item extends { readonly id: string }>(items: readonly Item[], query: URLSearchParams): JsonObject {
  const limit = Number(query.get('limit') ?? 20);
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000) throw badRequest("Invalid 'limit'.", 'limit');
  const after = query.get('after');
  const from = after === null ? 0 : items.findIndex(({ id }) => id === after) + 1;
  if (after !== null && from === 0) throw badRequest(`Invalid 'after': no item with id '${after}'.`, 'after');
  const data = items.slice(from, from + limit);
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: items.length > from + limit,
  };
}
