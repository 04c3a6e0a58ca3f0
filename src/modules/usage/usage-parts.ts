import { Prisma } from '../../platform/database/generated/client.js';
import { matching, within, type UsageFilter } from './usage-filter.js';

const hourMs = 3_600_000;

/** A span of time in milliseconds since 1970, from its first moment to the one after its last; undefined: without an end. */
interface Span {
  readonly sinceMs: number | undefined;
  readonly untilMs: number | undefined;
}

/** The spans that a filter's time consists of: whole hours, whose sums are stored, and what stands before and after them. */
export function spansOf({ sinceMs, untilMs }: Span): { readonly hours: Span | undefined; readonly rest: readonly Span[] } {
  const first = sinceMs === undefined ? undefined : Math.ceil(sinceMs / hourMs) * hourMs;
  const last = untilMs === undefined ? undefined : Math.floor(untilMs / hourMs) * hourMs;
  if (first !== undefined && last !== undefined && first >= last) return { hours: undefined, rest: [{ sinceMs, untilMs }] };
  const rest = [
    { sinceMs, untilMs: first },
    { sinceMs: last, untilMs },
  ].filter((span) => span.sinceMs !== undefined && span.untilMs !== undefined && span.sinceMs < span.untilMs);
  return { hours: { sinceMs: first, untilMs: last }, rest };
}

/** Sums by hours, and how the same is told by calls one by one. */
export interface Sums {
  /** The table of sums, and the one of what is not added up yet. */
  readonly tables: readonly [Prisma.Sql, Prisma.Sql];
  readonly stored: Prisma.Sql;
  /** The columns of `stored`, of one call. */
  readonly counted: Prisma.Sql;
  /** Which calls have them. */
  readonly having: Prisma.Sql;
  /** Whole hours, as a table with the column `hour`, whose calls are told one by one all the same. */
  readonly split?: Prisma.Sql | undefined;
}

/**
 * What all calls of a filter add up to, as rows to be summed, in one statement, so that nothing is on its way between two tables:
 * stored sums of whole hours, calls one by one in at most two parts of an hour, in hours that are split, and calls that are not
 * brought over yet.
 */
export function partsSql(tenantId: string, filter: UsageFilter, hasUnmoved: boolean, sums: Sums): Prisma.Sql {
  const { sinceMs, untilMs } = filter;
  const same = matching(tenantId, filter);
  const { hours, rest } = spansOf({ sinceMs, untilMs });
  const counted = (span: Span): Prisma.Sql => Prisma.sql`${same} and ${sums.having} and ${within('created_at', span)}`;
  const parts = rest.map((span) => Prisma.sql`select ${sums.counted} from usage_events where ${counted(span)}`);
  if (hours !== undefined) {
    const whole = Prisma.sql`${within('hour', hours)} and ${sums.split === undefined ? Prisma.sql`true` : Prisma.sql`hour not in (${sums.split})`}`;
    for (const table of sums.tables) parts.push(Prisma.sql`select ${sums.stored} from ${table} where ${same} and ${whole}`);
    if (sums.split !== undefined) parts.push(splitHours(same, hours, sums, sums.split));
  }
  if (hasUnmoved) parts.push(unmoved(tenantId, counted({ sinceMs, untilMs }), sums));
  return Prisma.join(parts, ' union all ');
}

function splitHours(same: Prisma.Sql, hours: Span, sums: Sums, split: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`select ${sums.counted} from (${split}) split
    join usage_events on created_at >= hour and created_at < hour + interval '1 hour'
   where ${same} and ${sums.having} and ${within('hour', hours)}`;
}

function unmoved(tenantId: string, counted: Prisma.Sql, sums: Sums): Prisma.Sql {
  return Prisma.sql`select ${sums.counted} from usage u where ${counted}
    and created_at <= (select before from usage_unmoved where tenant_id = ${tenantId})
    and not exists (select from usage_events e where e.tenant_id = u.tenant_id and e.created_at = u.created_at and e.id = u.id)`;
}
