import type { UsageDimension } from '../../contracts/usage.js';
import { Prisma } from '../../platform/database/generated/client.js';
import type { Moment } from './usage-filter.js';
import type { Parting } from './usage-parts.js';
import { zoneDays } from './usage-zone-days.js';

/** By what calls are put together; days are those of the time zone. */
export interface Grouping {
  readonly by: UsageDimension;
  readonly timeZone: string;
}

/** How calls are put together: rows have a `bucket`, and groups the text of one or more of them. */
export interface Bucket extends Parting {
  readonly text: Prisma.Sql;
}

/** The id of a group whose bucket is a day. */
const dayText = Prisma.sql`to_char(bucket, 'YYYY-MM-DD')`;

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

/** Whether days in UTC alone do not tell the groups, so that hours are read. */
export function needsHours({ by, timeZone }: Grouping): boolean {
  return by === 'hour' || (by === 'day' && timeZone !== 'UTC');
}

/** @param splits as `splitMidnights` tells them. */
export function bucketOf(tenantId: string, grouping: Grouping, splits: readonly number[]): Bucket {
  const { by, timeZone } = grouping;
  if (by === 'hour') return { columns: hours, text: textOf(Prisma.sql`bucket`, grouping), isFinerThanDays: true };
  if (by === 'day') return { ...(timeZone === 'UTC' ? { columns: daysInUtc } : zoneDays(timeZone, splits)), text: dayText };
  const text = by === 'member' ? makerOf(tenantId) : Prisma.sql`bucket`;
  return { columns: () => Prisma.sql`${Prisma.raw(columns[by])} as bucket`, text };
}

/** The id of the group of hours or days in which a moment lies. */
export function textOf(moment: Prisma.Sql, { by, timeZone }: Grouping): Prisma.Sql {
  if (by === 'hour') return Prisma.sql`to_char(${moment} at time zone 'UTC', 'YYYY-MM-DD"T"HH24":00:00Z"')`;
  return Prisma.sql`to_char(${moment} at time zone ${timeZone}::text, 'YYYY-MM-DD')`;
}

/** The day in UTC in which a row lies, as clocks show it. */
export function daysInUtc(moment: Moment): Prisma.Sql {
  return Prisma.sql`date_trunc('day', ${Prisma.raw(moment)} at time zone 'UTC') as bucket`;
}

function hours(moment: Moment): Prisma.Sql {
  return moment === 'created_at' ? Prisma.sql`gt_usage_hour(created_at) as bucket` : Prisma.sql`${Prisma.raw(moment)} as bucket`;
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
