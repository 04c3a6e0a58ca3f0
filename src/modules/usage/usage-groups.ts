import type { RowPage } from '../../contracts/lists.js';
import type { UsageDimension } from '../../contracts/usage.js';
import { Prisma } from '../../platform/database/generated/client.js';
import { amountSums } from './usage-amounts.js';
import { within, type UsageFilter, type UsagePaging } from './usage-filter.js';
import { partsSql, spansOf, type Sums } from './usage-parts.js';
import { amountsOf, callSums, sums, type UsageTotals } from './usage-totals.js';

/** By what calls are put together; days are those of the time zone. */
export interface Grouping {
  readonly by: UsageDimension;
  readonly timeZone: string;
}

/** What the calls of one group add up to. `id` is what they have in common. */
export interface UsageGroupRecord extends UsageTotals {
  readonly id: string;
}

export interface UsageGroupPage extends RowPage<UsageGroupRecord> {
  readonly totals: UsageTotals;
}

/** How a group is told: of a row of sums, of a call, and as text. */
interface Bucket {
  readonly stored: Prisma.Sql;
  readonly counted: Prisma.Sql;
  readonly text: Prisma.Sql;
  readonly split?: Prisma.Sql | undefined;
}

/**
 * The groups of a page, one more than it has when there are more, and the sums over all groups, in one statement, so that they
 * agree. A page that is read backwards comes in the other order.
 */
export function groupsSql(
  tenantId: string,
  filter: UsageFilter,
  hasUnmoved: boolean,
  grouping: Grouping,
  { limit, order, after, before }: UsagePaging,
): { readonly sql: Prisma.Sql; readonly isBackwards: boolean } {
  const bucket = bucketOf(tenantId, filter, grouping);
  const grouped = (all: Sums): Prisma.Sql =>
    partsSql(tenantId, filter, hasUnmoved, {
      ...all,
      stored: Prisma.sql`${bucket.stored} as bucket, ${all.stored}`,
      counted: Prisma.sql`${bucket.counted} as bucket, ${all.counted}`,
      split: bucket.split,
    });
  const isAscending = order === 'asc';
  const isBackwards = before !== undefined && after === undefined;
  const direction = isAscending === isBackwards ? Prisma.sql`desc` : Prisma.sql`asc`;
  const place = Prisma.sql`${beyond(after, isAscending)} and ${beyond(before, !isAscending)}`;
  const sql = Prisma.sql`
    with called as materialized (
      select bucket, sum(calls) as calls, sum(input_tokens) as input_tokens, sum(cached_input_tokens) as cached_input_tokens,
             sum(output_tokens) as output_tokens, sum(reasoning_tokens) as reasoning_tokens, sum(total_tokens) as total_tokens,
             sum(audio_ms) as audio_ms, sum(input_characters) as input_characters, sum(images) as images
        from (${grouped(callSums)}) parts group by bucket having sum(calls) <> 0),
    priced as materialized (
      select bucket, currency, sum(calls) as calls, sum(cost) as cost, sum(charge) as charge
        from (${grouped(amountSums)}) parts group by bucket, currency),
    named as (select called.*, ${bucket.text} collate "C" as id from called),
    shown as (select * from named where ${place} order by id ${direction} limit ${limit + 1}),
    page as (
      select id, ${sums}, (${amountsOf(Prisma.sql`select * from priced where priced.bucket = shown.bucket`)}) as amounts
        from shown group by id, bucket)
    select ${sums}, (${amountsOf(Prisma.sql`select * from priced`)}) as amounts,
           (select coalesce(json_agg(page order by id ${direction}), '[]') from page) as groups
      from called`;
  return { sql, isBackwards };
}

function bucketOf(tenantId: string, filter: UsageFilter, { by, timeZone }: Grouping): Bucket {
  if (by === 'hour') {
    const text = Prisma.sql`to_char(bucket at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
    return { stored: Prisma.sql`hour`, counted: Prisma.sql`gt_usage_hour(created_at)`, text };
  }
  if (by !== 'day') {
    const column = Prisma.raw(by === 'key' ? 'key_id' : by);
    return { stored: column, counted: column, text: Prisma.sql`bucket` };
  }
  const dayOf = (column: string): Prisma.Sql => Prisma.sql`date_trunc('day', ${Prisma.raw(column)}, ${timeZone}::text)`;
  return {
    stored: dayOf('hour'),
    counted: dayOf('created_at'),
    text: Prisma.sql`to_char(bucket at time zone ${timeZone}::text, 'YYYY-MM-DD')`,
    split: timeZone === 'UTC' ? undefined : midnightHours(tenantId, filter, timeZone),
  };
}

/** The hours in which a day of the zone begins, but not with them: zones may be half an hour off. */
function midnightHours(tenantId: string, filter: UsageFilter, timeZone: string): Prisma.Sql {
  const { hours } = spansOf({ sinceMs: filter.sinceMs, untilMs: filter.untilMs });
  const bounds = (table: string): Prisma.Sql =>
    Prisma.sql`select min(hour) as first, max(hour) as last from ${Prisma.raw(table)} where tenant_id = ${tenantId} and ${within('hour', hours ?? {})}`;
  return Prisma.sql`
    select gt_usage_hour(day at time zone ${timeZone}::text) as hour
      from (select min(first) as first, max(last) as last from (${bounds('usage_hours')} union all ${bounds('usage_hours_open')}) b) bounds,
           generate_series(date_trunc('day', first at time zone ${timeZone}::text), last at time zone ${timeZone}::text + interval '1 day', interval '1 day') day
     where gt_usage_hour(day at time zone ${timeZone}::text) <> day at time zone ${timeZone}::text`;
}

function beyond(id: string | undefined, later: boolean): Prisma.Sql {
  if (id === undefined) return Prisma.sql`true`;
  return later ? Prisma.sql`id > ${id}` : Prisma.sql`id < ${id}`;
}
