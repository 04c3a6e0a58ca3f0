/**
 * The promise's outcome, or a rejection when it takes longer: a query on a connection that has died silently
 * would otherwise be waited for until the kernel gives up, which takes a quarter of an hour.
 */
export function inTime<T>(promise: Promise<T>, limitMs: number): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The database did not answer within ${limitMs} ms.`)), limitMs);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** How long a read may take before the database counts as away: with something known to go on with, and without. */
export const patienceMs = { known: 250, unknown: 3_000 } as const;
