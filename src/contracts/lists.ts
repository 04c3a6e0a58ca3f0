import { z } from 'zod';

/** What `tenant` means in queries and bodies of the admin plane. */
export const tenantHint = "The tenant, by its slug or id. Operators name it; a tenant's own token may leave it out.";

/** Query parameters of every paged list, as OpenAI names them: cursors are ids of items. */
export const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20).describe('How many items a page has at most.'),
  order: z.enum(['asc', 'desc']).default('desc').describe('By time of creation: asc shows the oldest first, desc the newest.'),
  after: z.string().max(128).optional().describe('The id of an item: the page begins directly behind it.'),
  before: z
    .string()
    .max(128)
    .optional()
    .describe('The id of an item: the page ends directly before it. Not together with after.'),
});

export type ListQuery = z.infer<typeof listQuery>;

/** What every route of a tenant's list takes on the admin plane; each adds the fields that it filters by. */
export const adminListQuery = listQuery.extend({ tenant: z.string().min(1).max(128).optional().describe(tenantHint) });

/** Query of the admin plane's other routes of one tenant: operators name it here. */
export const tenantQuery = z.strictObject({ tenant: z.string().min(1).max(128).optional().describe(tenantHint) });

/** Query of a route that takes none. */
export const noQuery = z.strictObject({});

/** Rows of one page in the order to show, and whether there are more in the direction that was read. */
export interface RowPage<Row> {
  readonly rows: readonly Row[];
  readonly hasMore: boolean;
}

/** One page in OpenAI's form. */
export interface ListPage<T> {
  readonly object: 'list';
  readonly data: readonly T[];
  readonly first_id: string | null;
  readonly last_id: string | null;
  readonly has_more: boolean;
}

/** A page of rows in the wire's form, each row as `present` shows it. */
export function presentPage<Row, Wire extends { readonly id: string }>(
  page: RowPage<Row>,
  present: (row: Row) => Wire,
): ListPage<Wire> {
  const data = page.rows.map(present);
  return { object: 'list', data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: page.hasMore };
}

/** A page for `textListOf`. */
export function presentTextPage<Row, Wire extends { readonly id: string }>(page: RowPage<Row>, present: (row: Row) => Wire) {
  const { first_id, last_id, data, ...rest } = presentPage(page, present);
  return { ...rest, data: [...data], first_id: first_id ?? '', last_id: last_id ?? '' };
}

/** Schema of a page of items, for the route tables. */
export function listOf<T extends z.ZodType>(item: T) {
  return z
    .object({
      object: z.literal('list'),
      data: z.array(item),
      first_id: z.string().nullable().describe('The id of the first item; null on an empty page.'),
      last_id: z.string().nullable().describe('The id of the last item, for after; null on an empty page.'),
      has_more: z.boolean().describe('Whether there are more items in the direction that was read.'),
    })
    .describe('One page of a list.');
}

/** The same in the lists of OpenAI whose description allows no null for an id: those of an empty page are empty texts. */
export function textListOf<T extends z.ZodType>(item: T, items: string) {
  return listOf(item)
    .extend({ first_id: z.string(), last_id: z.string() })
    .describe(`A page of ${items}. The ids of an empty page are empty texts.`);
}

/** Schema of the answer to a deletion. */
export const deletedObject = z
  .object({ id: z.string(), object: z.string(), deleted: z.literal(true) })
  .meta({ id: 'Deleted', description: 'The answer to a deletion: the id and the kind of what is gone.' });
