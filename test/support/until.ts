import { setTimeout as wait } from 'node:timers/promises';

/**
 * How long to wait before the next check: a tenth of what was waited so far. A check is often a call of the API, and what
 * takes long must not be asked for so often that the asking keeps a core busy.
 */
const pauseAfter = (waitedMs: number): number => Math.min(Math.max(waitedMs / 10, 20), 250);

/**
 * Waits until the check gives something other than false and undefined, and returns it. A check that throws counts as
 * not yet. It is checked again after 20 ms at first, and later after up to a quarter of a second.
 * @throws Error with what was waited for, and the last error, after `timeoutMs`.
 */
export async function until<T>(
  what: string,
  check: () => T | false | undefined | Promise<T | false | undefined>,
  timeoutMs = 60_000,
): Promise<T> {
  let last: unknown;
  const start = performance.now();
  for (; performance.now() - start < timeoutMs; await wait(pauseAfter(performance.now() - start))) {
    try {
      const result = await check();
      if (result !== false && result !== undefined) return result;
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`Waited ${timeoutMs} ms in vain until ${what}.`, { cause: last });
}
