import type { ZodType } from 'zod';

let made = 0;

/** A name that nothing else has. */
export function freshName(): string {
  return `only-here-${(made += 1)}`;
}

/** What must be new in every object that is made. */
const fresh: Readonly<Record<string, () => string>> = {
  name: freshName,
  alias: freshName,
  slug: freshName,
  email: () => `${freshName()}@example.com`,
};

/**
 * A body that the row's schema takes: the example that stands in the reference, with names of its own and with what only
 * the test's own surroundings know. Without an example an empty object.
 */
export function exampleOf(schema: ZodType, own: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const [example = {}] = (schema.meta()?.['examples'] ?? []) as Record<string, unknown>[];
  return Object.fromEntries(Object.entries(example).map(([name, value]) => [name, own[name] ?? fresh[name]?.() ?? value]));
}
