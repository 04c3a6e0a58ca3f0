import { Prisma } from '../../platform/database/generated/client.js';
import { within, type Moment } from './usage-filter.js';
import { hourMs, subtotals, type Parting, type Span } from './usage-parts.js';
import { measures } from './usage-sums.js';

const timesSign = Prisma.raw(measures.map((name) => `sign * ${name} as ${name}`).join(', '));

/**
 * Days of a time zone: the sums of days in UTC, of which the hours that are another day there are moved to that day. They are few
 * beside all hours. The bucket is the first moment of the day, as clocks show it.
 * @param splits as `splitMidnights` tells them.
 */
export function zoneDays(timeZone: string, splits: readonly number[]): Parting {
  return {
    columns: (moment) => Prisma.sql`${dayOf(moment, moment === 'day' ? 'UTC' : timeZone)} as bucket`,
    splits,
    amend: (same, days) => movedHours(same, days, timeZone, splits),
  };
}

/** The moments between two days in which a day of the zone begins, but no hour: zones may be half an hour off. */
export function splitMidnights(first: Prisma.Sql, last: Prisma.Sql, timeZone: string): Prisma.Sql {
  return Prisma.sql`
    select midnight
      from generate_series(${first} at time zone ${timeZone}::text, ${last} at time zone ${timeZone}::text + interval '2 days', interval '1 day') moment,
           lateral (select date_trunc('day', moment) at time zone ${timeZone}::text as midnight) midnights
     where midnight <> gt_usage_hour(midnight)`;
}

function dayOf(moment: Moment, timeZone: string): Prisma.Sql {
  return Prisma.sql`date_trunc('day', ${Prisma.raw(moment)} at time zone ${timeZone}::text)`;
}

/** Taken out of their day in UTC, and added to their day in the zone; hours that are split are only taken out. */
function movedHours(same: Prisma.Sql, days: Span, timeZone: string, splits: readonly number[]): Prisma.Sql {
  const split = splits.map((ms) => new Date(Math.floor(ms / hourMs) * hourMs));
  const [first, last] = [new Date(days.sinceMs ?? 0), new Date((days.untilMs ?? 0) - hourMs)];
  const [inUtc, inZone] = [dayOf('hour', 'UTC'), dayOf('hour', timeZone)];
  return Prisma.sql`
    select case when sign < 0 then ${inUtc} else ${inZone} end as bucket, currency, ${timesSign}
      from (
        select hour, currency, ${subtotals} from usage_hourly
         where ${same} and ${within('hour', days)} and hour = any (array(
               select hour from generate_series(${first}::timestamptz, ${last}::timestamptz, interval '1 hour') hour
                where hour = any (${split}::timestamptz[]) or ${inUtc} <> ${inZone}))
         group by 1, 2) moved, (values (-1), (1)) both_ways (sign)
     where sign < 0 or hour <> all (${split}::timestamptz[])`;
}
