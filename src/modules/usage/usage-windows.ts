import { Prisma } from '../../platform/database/generated/client.js';
import { daysInUtc, textOf, type Grouping } from './usage-buckets.js';
import type { UsageFilter, UsagePaging } from './usage-filter.js';
import { isUpwards } from './usage-groups.js';
import { dayMs, partsSql, subtotals } from './usage-parts.js';
import { totals, type UsageTotals } from './usage-totals.js';
import { splitMidnights } from './usage-zone-days.js';

const nowhere = Prisma.sql`select null::timestamptz as midnight where false`;

/** A day in UTC that has calls, and the ids of the groups in which its first and its last moment lie. */
export interface ActiveDay {
  readonly sinceMs: number;
  readonly first: string;
  readonly last: string;
}

/** What `activeDaysSql` gives. */
export interface ActiveDaysRow extends UsageTotals {
  readonly days: readonly ActiveDay[];
  /** The moments within hours at which a day of the zone begins. */
  readonly splits: readonly number[];
}

/** The sums over all calls of a filter, the days that have some, in their order, and the moments between them that split an hour. */
export function activeDaysSql(tenantId: string, filter: UsageFilter, hasUnmoved: boolean, grouping: Grouping): Prisma.Sql {
  const { by, timeZone } = grouping;
  const parts = partsSql(tenantId, filter, hasUnmoved, { columns: daysInUtc });
  const lastMoment = Prisma.sql`(day + interval '24 hours' - interval '1 millisecond')`;
  const midnights = by === 'day' ? splitMidnights(Prisma.sql`first`, Prisma.sql`last`, timeZone) : nowhere;
  return Prisma.sql`
    with named as materialized (select bucket at time zone 'UTC' as day, currency, ${subtotals} from (${parts}) parts group by 1, 2),
    active as (select day from named group by 1 having sum(calls) <> 0),
    days as (
      select (extract(epoch from day) * 1000)::float8 as "sinceMs", ${textOf(Prisma.sql`day`, grouping)} as first,
             ${textOf(lastMoment, grouping)} as last
        from active),
    splits as (
      select (extract(epoch from midnight) * 1000)::float8 as ms
        from (select min(day) as first, max(day) as last from active) bounds, lateral (${midnights}) midnights)
    select ${totals}, (select coalesce(json_agg(days order by "sinceMs"), '[]') from days) as days,
           (select coalesce(json_agg(ms), '[]') from splits) as splits
      from (select currency, ${subtotals} from named group by 1) by_currency`;
}

/**
 * Spans of the filter, each longer than the one before, in which a page may lie whose groups are finer than days: sums of hours
 * are many in a year, and a page needs few of them. A page is whole where there is a further group behind it, or in the last span.
 * @param days that have calls, in their order.
 */
export function* windowsOf(
  days: readonly ActiveDay[],
  filter: UsageFilter,
  { by }: Grouping,
  paging: UsagePaging,
): Generator<UsageFilter> {
  const within = daysBeyond(days, paging);
  const ordered = isUpwards(paging) ? within : within.reverse();
  // A day has up to 24 hours. Of so many days in UTC at most two are of a day of the zone that begins or ends outside.
  let count = by === 'hour' ? Math.ceil((paging.limit + 1) / 24) + 1 : paging.limit + 3;
  for (let read = 0; read < ordered.length; count *= 4) {
    const some = ordered.slice(0, count).map(({ sinceMs }) => sinceMs);
    read = some.length;
    yield {
      ...filter,
      sinceMs: Math.max(filter.sinceMs ?? -Infinity, Math.min(...some)),
      untilMs: Math.min(filter.untilMs ?? Infinity, Math.max(...some) + dayMs),
    };
  }
}

/** The days that may have a part in groups of the page. */
function daysBeyond(days: readonly ActiveDay[], { order, after, before }: UsagePaging): ActiveDay[] {
  const [low, high] = order === 'asc' ? [after, before] : [before, after];
  return days.filter(({ first, last }) => (low === undefined || last > low) && (high === undefined || first < high));
}
