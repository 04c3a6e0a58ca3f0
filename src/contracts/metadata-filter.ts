import type { z } from 'zod';

/** The place of a filter by metadata in a query: `metadata[<key>]`, as OpenAI's clients write it. */
const metadataField = /^metadata\[(.{1,64})\]$/s;
const mostFilters = 16;

/** A query with members that its schema does not name, and where its faults are told. */
interface CheckedQuery {
  readonly value: Readonly<Record<string, unknown>>;
  readonly issues: z.core.$ZodRawIssue[];
}

/** Refuses members that are neither known nor filters by metadata, and filters that are too many or too long. */
export function refuseOtherFields({ value, issues }: CheckedQuery, known: Readonly<Record<string, true>>): void {
  const filters = Object.keys(value).filter((name) => !Object.hasOwn(known, name));
  for (const name of filters) {
    const text = value[name];
    if (!metadataField.test(name)) issues.push({ code: 'unrecognized_keys', keys: [name], input: value });
    else if (typeof text !== 'string' || text.length > 512)
      issues.push({ code: 'custom', message: 'must be one text of at most 512 characters', input: text, path: [name] });
  }
  if (filters.length > mostFilters)
    issues.push({ code: 'custom', message: 'may hold at most 16 pairs', input: value, path: ['metadata'] });
}

/** The pairs by which a query filters. */
export function metadataPairs(query: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const pairs = Object.entries(query).flatMap(([name, value]) => {
    const key = metadataField.exec(name)?.[1];
    return key === undefined ? [] : [[key, String(value)] as const];
  });
  return Object.fromEntries(pairs);
}
