/** The list in slices of at most so many elements, in its order. An empty list has none. */
export function* slicesOf<T>(list: readonly T[], count: number): Generator<readonly T[]> {
  for (let start = 0; start < list.length; start += count) yield list.slice(start, start + count);
}
