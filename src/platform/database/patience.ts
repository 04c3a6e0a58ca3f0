import { inTime } from '../../kernel/in-time.js';

/** How long a read may take before the database counts as away: with something known to go on with, and without. */
export const patienceMs = { known: 250, unknown: 3_000 } as const;

/** What the database is asked, or a rejection when it does not answer in time. */
export function databaseInTime<T>(answer: Promise<T>, limitMs: number): Promise<T> {
  return inTime(answer, limitMs, 'The database');
}
