import type { UsageDimension } from '../../contracts/usage.js';
import { Prisma } from '../../platform/database/generated/client.js';
import type { Moment } from './usage-filter.js';
import type { Parting } from './usage-parts.js';

/** By what calls are put together; days are those of the time zone. */
export interface Grouping {
  readonly by: UsageDimension;
  readonly timeZone: string;
}

/** How calls are put together: rows have a `bucket`, and groups the text of one or more of them. */
export interface Bucket extends Parting {
  readonly text: Prisma.Sql;
}

/** The id of the group of keys that no member has made. */
const noMember = 'none';

const columns = {
  key: 'key_id',
  endpoint: 'endpoint',
  route: 'route',
  state: 'state',
  model: 'model',
  member: 'key_id',
} as const;

/** Whether days in UTC do not tell the groups. */
export function isFinerThanDays({ by, timeZone }: Grouping): boolean {
  return by === 'hour' || (by === 'day' && timeZone !== 'UTC');
}

/** @param splits as `splitMidnights` tells them. */
export function bucketOf(tenantId: string, grouping: Grouping, splits: readonly number[]): Bucket {
  const { by, timeZone } = grouping;
  const text = by === 'member' ? makerOf(tenantId) : textOf(Prisma.sql`bucket`, grouping);
  if (by === 'hour') return { columns: hours, text, isFinerThanDays: true };
  if (by !== 'day') return { columns: () => Prisma.sql`${Prisma.raw(columns[by])} as bucket`, text };
  if (timeZone === 'UTC') return { columns: daysInUtc, text };
  // The text tells the day of an hour; a call of an hour that is split may lie in either of two.
  return { columns: (moment) => Prisma.sql`${Prisma.raw(moment)} as bucket`, text, isFinerThanDays: true, splits };
}

/** The id of the group in which a moment lies, or of a value of a column. */
export function textOf(bucket: Prisma.Sql, { by, timeZone }: Grouping): Prisma.Sql {
  if (by === 'hour') return Prisma.sql`to_char(${bucket} at time zone 'UTC', 'YYYY-MM-DD"T"HH24":00:00Z"')`;
  if (by === 'day') return Prisma.sql`to_char(${bucket} at time zone ${timeZone}::text, 'YYYY-MM-DD')`;
  return bucket;
}

/** The day in UTC in which a row lies. */
export function daysInUtc(moment: Moment): Prisma.Sql {
  return moment === 'day' ? Prisma.sql`day as bucket` : Prisma.sql`date_trunc('day', ${Prisma.raw(moment)}, 'UTC') as bucket`;
}

function hours(moment: Moment): Prisma.Sql {
  return moment === 'created_at' ? Prisma.sql`gt_usage_hour(created_at) as bucket` : Prisma.sql`${Prisma.raw(moment)} as bucket`;
}

/** The moments between two days in which a day of the zone begins, but no hour: zones may be half an hour off. */
export function splitMidnights(first: Prisma.Sql, last: Prisma.Sql, { by, timeZone }: Grouping): Prisma.Sql {
  if (by !== 'day') return Prisma.sql`select null::timestamptz as midnight where false`;
  return Prisma.sql`
    select date_trunc('day', moment) at time zone ${timeZone}::text as midnight
      from generate_series(${first} at time zone ${timeZone}::text, ${last} at time zone ${timeZone}::text + interval '2 days', interval '1 day') moment`;
}

/**
 * The member who made the key in the bucket, as the audit tells it, also when key, token or member are gone. A token's id stands
 * in brackets at the end of an actor's name.
 */
function makerOf(tenantId: string): Prisma.Sql {
  const made = (id: Prisma.Sql, kind: 'key' | 'admin_token', what: Prisma.Sql): Prisma.Sql =>
    Prisma.sql`(select ${what} from audit where tenant_id = ${tenantId} and object_id = ${id} and action = 'create' and kind = ${kind} limit 1)`;
  const token = made(Prisma.sql`bucket`, 'key', Prisma.sql`substring(actor from '[(]([^()]+)[)]$')`);
  return Prisma.sql`coalesce(${made(token, 'admin_token', Prisma.sql`changes ->> 'member'`)}, ${noMember})`;
}
