import { z } from 'zod';

/** The forms in which a time is taken, as the documents and refusals say them. */
export const timeForms = 'Unix seconds, a date in UTC like 2027-01-01, or a time like 2027-01-01T08:00:00Z';

/** The end of the year 9999: past it, dates have no ISO form. */
export const lastSecond = 253_402_300_799;

const error = `must be ${timeForms}`;

/** An ISO date and time with its offset, or a date, which means its first moment in UTC. Comes out in Unix seconds. */
export const dateText = z
  .union([z.iso.datetime({ offset: true, error }), z.iso.date({ error })], { error })
  .transform((text) => Math.floor(Date.parse(text) / 1000));

/** A time as callers may give it, in any of `timeForms`. Comes out in Unix seconds. */
export const timeInSeconds = z.union([z.number().int().positive().max(lastSecond), dateText], { error }).describe(timeForms);

/** The same as a query has it, where it may be absent. */
export const queryTime = z.union([z.coerce.number().int().min(0).max(lastSecond), dateText], { error }).optional();

/** A time zone by its IANA name, as this process knows it. An offset is refused: Postgres reads its sign the other way round. */
export const timeZoneName = z
  .string()
  .max(64)
  .refine(isTimeZone, { error: 'must be the IANA name of a time zone, like Europe/Berlin' });

function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]\w+(?:\/[\w+-]+)*$/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** The time of creation, as objects show it. */
export const createdAt = z.number().int().describe('When it was created, in Unix seconds.');

/** Unix seconds of a stored time. */
export function toUnixSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}

/** The same of a time that may be none. */
export function secondsOrNull(time: Date | null): number | null {
  return time === null ? null : toUnixSeconds(time);
}

/** A time in Unix seconds in its ISO form, in UTC. @throws RangeError past the last second. */
export function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
