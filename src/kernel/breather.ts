import { setImmediate as nextTurn } from 'node:timers/promises';

/** Long enough that pausing costs nothing to speak of, short enough that nobody notices the wait. */
const sliceMs = 5;

/** Keeps a long piece of work from holding the event loop: it is cut into slices, and others are served in between. */
export class Breather {
  private since = performance.now();

  /** Called between two small steps: lets others go first when the slice has been used up. */
  async pause(): Promise<void> {
    if (performance.now() - this.since < sliceMs) return;
    await nextTurn();
    this.since = performance.now();
  }
}

/** Maps a long list as `Array.map` does, in slices. One item is a small step. */
export async function mapInSlices<Item, Result>(
  items: readonly Item[],
  map: (item: Item, at: number) => Result,
): Promise<Result[]> {
  const breather = new Breather();
  const results: Result[] = [];
  for (const [at, item] of items.entries()) {
    results.push(map(item, at));
    await breather.pause();
  }
  return results;
}
