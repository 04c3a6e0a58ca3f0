import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dayMs } from './usage-parts.js';
import { windowsOf } from './usage-windows.js';

const hourMs = dayMs / 24;
const idOf = (hour: number) => `${new Date(hour * hourMs).toISOString().slice(0, 13)}:00:00Z`;
const anyHour = fc.integer({ min: 0, max: 24 * 40 });
const page = fc.record({
  calls: fc.uniqueArray(anyHour, { maxLength: 60 }),
  limit: fc.integer({ min: 1, max: 30 }),
  order: fc.constantFrom('asc' as const, 'desc' as const),
  cursor: fc.option(fc.tuple(fc.constantFrom('after', 'before'), anyHour)),
  since: fc.option(anyHour, { nil: undefined }),
  until: fc.option(anyHour, { nil: undefined }),
});

/** The hours of a page and the one behind it, in the order in which they are read. */
function readHours(hours: readonly number[], { order, after, before }: { order: string; after?: string; before?: string }) {
  const isUp = (order === 'asc') !== (before !== undefined);
  const [low, high] = order === 'asc' ? [after, before] : [before, after];
  const isBetween = (id: string) => (low === undefined || id > low) && (high === undefined || id < high);
  const found = hours.filter((hour) => isBetween(idOf(hour))).sort((one, other) => one - other);
  return isUp ? found : found.reverse();
}

describe('the spans in which a page of hours is looked for', () => {
  it('end with one that has the whole page and what tells whether there is more, and begin with few days', () => {
    fc.assert(
      fc.property(page, ({ calls, limit, order, cursor, since, until }) => {
        const filter = {
          ...(since === undefined ? {} : { sinceMs: since * hourMs }),
          ...(until === undefined ? {} : { untilMs: until * hourMs }),
        };
        const isWithin = (hour: number, { sinceMs = -Infinity, untilMs = Infinity }: { sinceMs?: number; untilMs?: number }) =>
          hour * hourMs >= sinceMs && hour * hourMs < untilMs;
        const hours = calls.filter((hour) => isWithin(hour, filter));
        const days = [...new Set(hours.map((hour) => Math.floor(hour / 24)))].sort((one, other) => one - other);
        const active = days.map((day) => ({ sinceMs: day * dayMs, first: idOf(day * 24), last: idOf(day * 24 + 23) }));
        const paging = { limit, order, ...(cursor === null ? {} : { [cursor[0]]: idOf(cursor[1]) }) };
        const expected = readHours(hours, paging).slice(0, limit + 1);
        let found: number[] = [];
        let spans = 0;
        for (const span of windowsOf(active, filter, { by: 'hour', timeZone: 'UTC' }, paging)) {
          found = readHours(
            hours.filter((hour) => isWithin(hour, span as { sinceMs: number; untilMs: number })),
            paging,
          );
          spans += 1;
          if (found.length > limit) break;
        }
        expect(found.slice(0, limit + 1)).toEqual(expected);
        expect(spans).toBeLessThanOrEqual(4);
      }),
    );
  });
});
