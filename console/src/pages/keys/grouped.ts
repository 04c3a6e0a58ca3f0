/** Items by what they have in common, each group at the place of its first item. */
export function grouped<T>(items: readonly T[], by: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const own = groups.get(by(item));
    if (own === undefined) groups.set(by(item), [item]);
    else own.push(item);
  }
  return [...groups];
}
