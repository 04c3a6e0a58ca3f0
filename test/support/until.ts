import { setTimeout as wait } from 'node:timers/promises';

/**
 * Waits until the check gives something other than false and undefined, and returns it. A check that throws counts as
 * not yet.
 * @throws Error with what was waited for, and the last error, after `timeoutMs`.
 */
export async function until<T>(
  what: string,
  check: () => T | false | undefined | Promise<T | false | undefined>,
  timeoutMs = 60_000,
): Promise<T> {
  let last: unknown;
  for (const deadline = performance.now() + timeoutMs; performance.now() < deadline; await wait(20)) {
    try {
      const result = await check();
      if (result !== false && result !== undefined) return result;
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`Waited ${timeoutMs} ms in vain until ${what}.`, { cause: last });
}
