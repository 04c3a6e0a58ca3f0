import type { RowPage } from '../../contracts/lists.js';
import { Prisma } from '../../platform/database/generated/client.js';
import { bucketOf, type Grouping } from './usage-buckets.js';
import type { UsageFilter, UsagePaging } from './usage-filter.js';
import { partsSql, subtotals } from './usage-parts.js';
import { totals, type UsageTotals } from './usage-totals.js';

/** What the calls of one group add up to. `id` is what they have in common. */
export interface UsageGroupRecord extends UsageTotals {
  readonly id: string;
  /** What people call it, where that is not the id. */
  readonly name: string | null;
}

export interface UsageGroupPage extends RowPage<UsageGroupRecord> {
  readonly totals: UsageTotals;
}

/** What `groupsSql` gives. */
export interface GroupsRow extends UsageTotals {
  readonly groups: readonly UsageGroupRecord[];
}

/**
 * The groups of a page, one more than it has when there are more, in the order in which they are read, and the sums over all
 * groups, in one statement, so that they agree.
 */
export function groupsSql(
  tenantId: string,
  filter: UsageFilter,
  hasUnmoved: boolean,
  grouping: Grouping,
  paging: UsagePaging,
  splits: readonly number[] = [],
): Prisma.Sql {
  const { text, ...parting } = bucketOf(tenantId, grouping, splits);
  const direction = isUpwards(paging) ? Prisma.sql`asc` : Prisma.sql`desc`;
  const isAscending = paging.order === 'asc';
  const place = Prisma.sql`${beyond(paging.after, isAscending)} and ${beyond(paging.before, !isAscending)}`;
  return Prisma.sql`
    with by_bucket as (
      select bucket, currency, ${subtotals} from (${partsSql(tenantId, filter, hasUnmoved, parting)}) parts group by 1, 2),
    named as materialized (select ${text} collate "C" as id, currency, ${subtotals} from by_bucket group by 1, 2),
    shown as (
      select id from named where ${place} group by id having sum(calls) <> 0 order by id ${direction} limit ${paging.limit + 1}),
    page as (select id, ${nameOf(tenantId, grouping)} as name, ${totals} from shown join named using (id) group by id)
    select ${totals}, (select coalesce(json_agg(page order by id ${direction}), '[]') from page) as groups
      from (select currency, ${subtotals} from named group by 1) by_currency`;
}

function nameOf(tenantId: string, { by }: Grouping): Prisma.Sql {
  if (by === 'key') return Prisma.sql`(select k.name from keys k where k.tenant_id = ${tenantId} and k.id = shown.id)`;
  return by === 'member'
    ? Prisma.sql`(select m.email from members m where m.tenant_id = ${tenantId} and m.id = shown.id)`
    : Prisma.sql`null::text`;
}

/** Whether a page is read towards later ids; one that is read backwards is turned round when it is shown. */
export function isUpwards({ order, after, before }: UsagePaging): boolean {
  const isBackwards = before !== undefined && after === undefined;
  return (order === 'asc') !== isBackwards;
}

function beyond(id: string | undefined, later: boolean): Prisma.Sql {
  if (id === undefined) return Prisma.sql`true`;
  return later ? Prisma.sql`id > ${id}` : Prisma.sql`id < ${id}`;
}
