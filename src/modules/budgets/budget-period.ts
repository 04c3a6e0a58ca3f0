import { DateTime, IANAZone } from 'luxon';
import type { BudgetWindow } from '../../contracts/budgets.js';

/** From its start, which is in it, to its end, which is not; in milliseconds since 1970. */
export interface BudgetPeriod {
  readonly startsAtMs: number;
  /** Null: it has no end. */
  readonly endsAtMs: number | null;
}

/**
 * The period of a budget that `atMs` lies in: the day, the week from Monday or the month of the time zone, or the one that
 * began in 1970 and never ends. Each moment lies in exactly one, and one begins where another ends. A day begins when the
 * zone's clocks first show its midnight; where they skip it, when they first show something later.
 *
 * @throws RangeError for a time zone that this process does not know.
 */
export function periodOf(window: BudgetWindow, timeZone: string, atMs: number): BudgetPeriod {
  if (window === 'total') return { startsAtMs: 0, endsAtMs: null };
  const zone = IANAZone.create(timeZone);
  if (!zone.isValid) throw new RangeError(`The time zone '${timeZone}' is not known.`);
  let start = firstOf(DateTime.fromMillis(atMs, { zone }), window);
  for (;;) {
    const end = firstOf(start.plus({ [window]: 1 }), window);
    if (end.toMillis() > atMs) return { startsAtMs: start.toMillis(), endsAtMs: end.toMillis() };
    // Clocks that were put back from after midnight show the day before once more.
    start = end;
  }
}

/** The first of the moments at which clocks show the beginning: where they are put back over it, there are two. */
function firstOf(moment: DateTime, window: 'day' | 'week' | 'month'): DateTime {
  const start = moment.startOf(window);
  return start.getPossibleOffsets()[0] ?? start;
}
