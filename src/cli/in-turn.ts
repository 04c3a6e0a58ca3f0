/**
 * Does a piece of work for each item, a few at once. When one fails, no further one is begun and those under way are told by their
 * signal; once all of them are over, the failure is thrown.
 * @returns the results in the order of the items.
 */
export async function inTurn<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const failure = new AbortController();
  const { signal } = failure;
  const lane = async (): Promise<void> => {
    for (const [place, item] of queue) {
      if (signal.aborted) return;
      try {
        results[place] = await work(item, signal);
      } catch (error) {
        failure.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  signal.throwIfAborted();
  return results;
}
