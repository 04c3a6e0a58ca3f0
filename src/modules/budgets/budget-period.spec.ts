import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { BudgetWindow } from '../../contracts/budgets.js';
import { periodOf } from './budget-period.js';

/** Start and end as text. */
function period(window: BudgetWindow, zone: string, at: string): (string | null)[] {
  const { startsAtMs, endsAtMs } = periodOf(window, zone, Date.parse(at));
  return [startsAtMs, endsAtMs].map((ms) => (ms === null ? null : new Date(ms).toISOString().slice(0, 16)));
}

describe('the period of a budget', () => {
  it.each<[BudgetWindow, string, string, (string | null)[]]>([
    ['total', 'UTC', '2024-05-05T05:00Z', ['1970-01-01T00:00', null]],
    ['day', 'UTC', '2024-05-05T00:00Z', ['2024-05-05T00:00', '2024-05-06T00:00']],
    ['day', 'UTC', '2024-05-04T23:59:59.999Z', ['2024-05-04T00:00', '2024-05-05T00:00']],
    ['week', 'UTC', '2024-05-05T05:00Z', ['2024-04-29T00:00', '2024-05-06T00:00']],
    ['month', 'UTC', '2024-02-29T05:00Z', ['2024-02-01T00:00', '2024-03-01T00:00']],
    ['month', 'Asia/Tokyo', '2024-02-29T15:00Z', ['2024-02-29T15:00', '2024-03-31T15:00']],
    // A day of 23 hours, and one of 25.
    ['day', 'Europe/Berlin', '2024-03-31T05:00Z', ['2024-03-30T23:00', '2024-03-31T22:00']],
    ['day', 'Europe/Berlin', '2024-10-27T05:00Z', ['2024-10-26T22:00', '2024-10-27T23:00']],
    // Clocks show midnight twice: the first one counts.
    ['day', 'America/Havana', '2024-11-03T05:30Z', ['2024-11-03T04:00', '2024-11-04T05:00']],
    // A minute after midnight they show the day before once more: it is over.
    ['day', 'America/St_Johns', '2010-11-07T02:45Z', ['2010-11-07T02:30', '2010-11-08T03:30']],
    ['day', 'America/St_Johns', '2010-11-07T02:29Z', ['2010-11-06T02:30', '2010-11-07T02:30']],
    // They skip midnight, and a whole day.
    ['day', 'America/Sao_Paulo', '2018-11-04T12:00Z', ['2018-11-04T03:00', '2018-11-05T02:00']],
    ['day', 'Pacific/Apia', '2011-12-30T09:59Z', ['2011-12-29T10:00', '2011-12-30T10:00']],
  ])('a %s in %s at %s', (window, zone, at, expected) => {
    expect(period(window, zone, at)).toEqual(expected);
  });

  it('holds its moments, and begins where the one before ends', () => {
    const zones = fc.constantFrom(
      'UTC',
      'Europe/Berlin',
      'America/Havana',
      'America/St_Johns',
      'Australia/Lord_Howe',
      'Pacific/Apia',
    );
    const windows = fc.constantFrom('day' as const, 'week' as const, 'month' as const);
    fc.assert(
      fc.property(windows, zones, fc.integer({ min: Date.UTC(2005, 0), max: Date.UTC(2025, 0) }), (window, zone, atMs) => {
        const { startsAtMs, endsAtMs } = periodOf(window, zone, atMs);
        expect(startsAtMs).toBeLessThanOrEqual(atMs);
        expect(endsAtMs).toBeGreaterThan(atMs);
        expect(periodOf(window, zone, startsAtMs)).toEqual({ startsAtMs, endsAtMs });
        expect(periodOf(window, zone, (endsAtMs ?? 0) - 1)).toEqual({ startsAtMs, endsAtMs });
        expect(periodOf(window, zone, startsAtMs - 1).endsAtMs).toBe(startsAtMs);
      }),
    );
  });

  it('is none in a time zone that nobody knows', () => {
    expect(() => periodOf('day', 'Middle/Earth', 0)).toThrow(new RangeError("The time zone 'Middle/Earth' is not known."));
  });
});
