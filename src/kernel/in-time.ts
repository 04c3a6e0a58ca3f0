/** The time is counted in so many steps: one in which the process had no time counts no more than another. */
const steps = 10;

/**
 * The promise's outcome, or a rejection when it takes longer: a question on a connection that has died silently would
 * otherwise be waited for until the kernel gives up, which takes a quarter of an hour. On a machine that has no time it
 * waits longer: the answer may have come without being read.
 * @param asked who is waited for, as the error's sentence names it.
 */
export function inTime<T>(promise: Promise<T>, limitMs: number, asked: string): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let left = steps;
    const timer = setInterval(() => {
      left -= 1;
      if (left > 0) return;
      clearInterval(timer);
      reject(new Error(`${asked} did not answer within ${limitMs} ms.`));
    }, limitMs / steps);
    promise.then(resolve, reject).finally(() => clearInterval(timer));
  });
}
