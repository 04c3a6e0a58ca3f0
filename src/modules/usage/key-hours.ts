import { Prisma } from '../../platform/database/generated/client.js';
import { hourMs, partsSql } from './usage-parts.js';

/** The calls of one key in one hour. */
export interface KeyHourRow {
  readonly keyId: string;
  /** Its first moment, in milliseconds since 1970. */
  readonly hourMs: number;
  readonly calls: number;
}

/** The calls of keys in hours that follow each other. */
export interface KeyHours {
  /** The first moment of the first hour. */
  readonly sinceMs: number;
  /** By the key's id, one number for each hour. */
  readonly calls: ReadonlyMap<string, readonly number[]>;
}

/** The first moment of the first of so many hours in UTC, of which the last one is running. */
export const firstOfHours = (hours: number, nowMs: number): number => (Math.floor(nowMs / hourMs) - hours + 1) * hourMs;

export function hoursOfKeysSql(tenantId: string, keyIds: readonly string[], sinceMs: number, hasUnmoved: boolean): Prisma.Sql {
  const parts = partsSql(tenantId, { keyIds, sinceMs }, hasUnmoved, {
    columns: (moment) => Prisma.sql`key_id, gt_usage_hour(${Prisma.raw(moment)}) as began`,
    isFinerThanDays: true,
  });
  return Prisma.sql`
    select key_id as "keyId", (extract(epoch from began) * 1000)::float8 as "hourMs", sum(calls)::float8 as calls
      from (${parts}) parts group by key_id, began`;
}

/** One number for each hour, 0 where there was no call. Hours that begin after the last one are left out. */
export function callsByHour(
  rows: readonly KeyHourRow[],
  keyIds: readonly string[],
  sinceMs: number,
  hours: number,
): ReadonlyMap<string, readonly number[]> {
  const calls = new Map(keyIds.map((id) => [id, Array.from({ length: hours }, () => 0)]));
  for (const row of rows) {
    const at = (row.hourMs - sinceMs) / hourMs;
    const counted = calls.get(row.keyId);
    if (counted !== undefined && at < hours) counted[at] = row.calls;
  }
  return calls;
}
