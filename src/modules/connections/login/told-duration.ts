/** Ten years. What is told to last longer counts as this. */
export const longestSeconds = 315_360_000;

const decimal = /^\d+(\.\d+)?$/;

/**
 * Seconds that a provider tells, as a number or in decimal digits. Undefined where it tells none that can be: zero stands for
 * "does not end" with some providers.
 */
export function toldDuration(told: unknown): number | undefined {
  const seconds = typeof told === 'string' && decimal.test(told) ? Number(told) : told;
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds <= 0) return undefined;
  return Math.min(seconds, longestSeconds);
}
