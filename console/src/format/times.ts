const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });

const units = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** A time in Unix seconds, as far away as it is from now. */
export function ago(seconds: number, now = Date.now() / 1000): string {
  const away = seconds - now;
  for (const [unit, size] of units) if (Math.abs(away) >= size) return relative.format(Math.trunc(away / size), unit);
  return Math.abs(away) < 5 ? 'now' : relative.format(Math.trunc(away), 'second');
}

/** The same to the second, in the reader's own zone. */
export const exactTime = (seconds: number): string => exact.format(seconds * 1000);
