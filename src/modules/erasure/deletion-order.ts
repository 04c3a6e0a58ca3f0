/** A table whose rows belong to tenants. */
export interface OwnedTable {
  readonly name: string;
  /** Tables whose rows its own ones name. */
  readonly references: readonly string[];
}

/** Tables in an order in which each comes before those that it names. Of tables that name each other in a circle it is any order. */
export function inDeletionOrder<T extends OwnedTable>(tables: readonly T[]): T[] {
  const order: T[] = [];
  const left = new Set(tables);
  while (left.size > 0) {
    const named = new Set([...left].flatMap(({ references }) => references));
    const free = [...left].filter(({ name }) => !named.has(name));
    for (const table of free.length > 0 ? free : left) {
      order.push(table);
      left.delete(table);
    }
  }
  return order;
}
