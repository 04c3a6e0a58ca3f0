import { Prisma } from '../../platform/database/generated/client.js';
import { matching, within, type Moment, type UsageFilter } from './usage-filter.js';
import { measures } from './usage-sums.js';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/** A span of time in milliseconds since 1970, from its first moment to the one after its last; undefined: without an end. */
export interface Span {
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
}

/** The whole units of time in a span, whose sums are stored, and what stands before and after them. */
export function spansOf(
  { sinceMs, untilMs }: Span,
  unitMs: number,
): { readonly whole: Span | undefined; readonly rest: readonly Span[] } {
  const first = sinceMs === undefined ? undefined : Math.ceil(sinceMs / unitMs) * unitMs;
  const last = untilMs === undefined ? undefined : Math.floor(untilMs / unitMs) * unitMs;
  if (first !== undefined && last !== undefined && first >= last) return { whole: undefined, rest: [{ sinceMs, untilMs }] };
  const rest = [
    { sinceMs, untilMs: first },
    { sinceMs: last, untilMs },
  ].filter((span) => span.sinceMs !== undefined && span.untilMs !== undefined && span.sinceMs < span.untilMs);
  return { whole: { sinceMs: first, untilMs: last }, rest };
}

/** How calls are told apart. */
export interface Parting {
  /** What a row has beside currency and measures, where its time stands in this column. */
  readonly columns: (moment: Moment) => Prisma.Sql;
  /** Days do not tell it: whole days are read from the sums of hours too. */
  readonly isFinerThanDays?: boolean | undefined;
  /** What must be added to the sums of whole days, of rows that match, for the days to tell it. */
  readonly amend?: ((same: Prisma.Sql, days: Span) => Prisma.Sql) | undefined;
  /** Moments, in milliseconds, within whose hours something else begins: the calls of these hours are read one by one. */
  readonly splits?: readonly number[] | undefined;
}

/** Sums that are summed once more. */
export const subtotals = Prisma.raw(measures.map((name) => `sum(${name})::bigint as ${name}`).join(', '));

const stored = Prisma.raw(['currency', ...measures].join(', '));
const counted = Prisma.raw(
  `coalesce(currency, '') as currency, 1::bigint as calls,
   ${measures
     .map((name) => (name === 'calls' ? [] : `coalesce(${name}, 0)::bigint as ${name}`))
     .flat()
     .join(', ')}`,
);

/**
 * What all calls of a filter add up to, as rows to be summed, in one statement, so that nothing is on its way between two tables:
 * stored sums of whole days, those of hours at both ends, what is added up to neither yet, calls one by one in at most two parts
 * of an hour, in hours that are split, and calls that are not brought over yet.
 */
export function partsSql(tenantId: string, filter: UsageFilter, hasUnmoved: boolean, parting: Parting): Prisma.Sql {
  const { columns, isFinerThanDays = false, amend, splits = [] } = parting;
  const same = matching(tenantId, filter);
  const called = (from: Prisma.Sql, span: Span): Prisma.Sql =>
    Prisma.sql`select ${columns('created_at')}, ${counted} from ${from} where ${same} and ${within('created_at', span)}`;
  const summed = (table: Prisma.Sql, moment: Moment, span: Span): Prisma.Sql =>
    Prisma.sql`select ${columns(moment)}, ${stored} from ${table} where ${same} and ${within(moment, span)}`;
  const { whole: hours, rest } = spansOf(filter, hourMs);
  const parts = rest.map((span) => called(Prisma.sql`usage_events`, span));
  if (hours !== undefined) {
    const { whole: days, rest: ends } = isFinerThanDays ? { whole: undefined, rest: [hours] } : spansOf(hours, dayMs);
    if (days !== undefined) parts.push(summed(Prisma.sql`usage_daily`, 'day', days));
    if (days !== undefined && amend !== undefined) parts.push(amend(same, days));
    const split = splits.filter((ms) => ms >= (hours.sinceMs ?? -Infinity) && ms < (hours.untilMs ?? Infinity));
    const firsts = split.map((ms) => new Date(Math.floor(ms / hourMs) * hourMs));
    const isWhole = split.length === 0 ? Prisma.empty : Prisma.sql`and hour <> all (${firsts}::timestamptz[])`;
    for (const span of ends) parts.push(Prisma.sql`${summed(Prisma.sql`usage_hourly`, 'hour', span)} ${isWhole}`);
    parts.push(Prisma.sql`${summed(Prisma.sql`usage_open`, 'hour', hours)} ${isWhole}`);
    if (split.length > 0) parts.push(splitHours(same, split, columns));
  }
  if (hasUnmoved) parts.push(Prisma.sql`${called(Prisma.sql`usage u`, filter)} and ${isUnmoved(tenantId)}`);
  return Prisma.join(parts, ' union all ');
}

/** What the calls of each hour add up to before and from the moment that splits it on: many calls, looked up hour by hour. */
function splitHours(same: Prisma.Sql, split: readonly number[], columns: Parting['columns']): Prisma.Sql {
  const side = Prisma.sql`case when created_at < moment then moment - interval '1 millisecond' else moment end`;
  return Prisma.sql`
    select ${columns('created_at')}, ${stored}
      from unnest(${split.map((ms) => new Date(ms))}::timestamptz[]) split (moment),
           lateral (select ${side} as created_at, currency, ${subtotals} from (
             select created_at, ${counted} from usage_events
              where ${same} and created_at >= gt_usage_hour(moment) and created_at < gt_usage_hour(moment) + interval '1 hour') calls
             group by 1, 2) sides`;
}

function isUnmoved(tenantId: string): Prisma.Sql {
  return Prisma.sql`created_at <= (select before from usage_unmoved where tenant_id = ${tenantId})
    and not exists (select from usage_events e where e.tenant_id = u.tenant_id and e.created_at = u.created_at and e.id = u.id)`;
}
