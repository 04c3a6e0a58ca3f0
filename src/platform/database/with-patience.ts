import { setTimeout as wait } from 'node:timers/promises';

/** For how long something is tried to be written while the database is away, and how often again. */
const patienceMs = 60_000;
const againMs = 500;

/**
 * Does the work again from its beginning, for a minute, as long as it fails with something that may pass.
 * @throws what the last try throws.
 */
export async function withPatience<T>(work: () => Promise<T>, mayPass: (error: unknown) => boolean): Promise<T> {
  for (const deadline = performance.now() + patienceMs; ;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() >= deadline || !mayPass(error)) throw error;
      await wait(againMs);
    }
  }
}
