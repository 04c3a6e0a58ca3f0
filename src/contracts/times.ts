import { z } from 'zod';

/** A time as callers may give it: Unix seconds, or an ISO date and time with its offset. Comes out in Unix seconds. */
export const timeInSeconds = z.union([
  z.number().int().positive().max(253_402_300_799),
  z.iso.datetime({ offset: true }).transform((text) => Math.floor(Date.parse(text) / 1000)),
]);

/** Unix seconds of a stored time. */
export function toUnixSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
