import { createHash } from 'node:crypto';

/**
 * What is material of a port and its actions: what a node calls and what a person approves. Wording is not, nor is the order
 * in which things are listed.
 */
export function materialOf(port: object, actions: readonly { readonly slug: string; readonly input: unknown }[]): unknown {
  return {
    port: without(port, ['label', 'description', 'publisher', 'category', 'tags']),
    actions: Object.fromEntries(
      actions.map((action) => [
        action.slug,
        { ...without(action, ['slug', 'label', 'description']), input: materialSchema(action.input) },
      ]),
    ),
  };
}

/** The same for the same material, in whatever order its members are listed. */
export function hashOf(material: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(material)))
    .digest('hex');
}

const words: ReadonlySet<string> = new Set(['title', 'description', 'examples', '$comment']);
const named: ReadonlySet<string> = new Set(['properties', 'patternProperties', '$defs']);
const values: ReadonlySet<string> = new Set(['const', 'default']);
const sets: ReadonlySet<string> = new Set(['required', 'enum', 'type']);

/** A JSON schema without its words; lists whose order says nothing are sorted. */
export function materialSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(materialSchema);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => !words.has(key))
      .map(([key, value]: [string, unknown]) => [key, materialMember(key, value)]),
  );
}

function materialMember(key: string, value: unknown): unknown {
  if (values.has(key)) return value;
  if (sets.has(key)) return Array.isArray(value) ? [...(value as unknown[])].map((item) => JSON.stringify(item)).sort() : value;
  if (named.has(key) && typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, schema]: [string, unknown]) => [name, materialSchema(schema)]));
  return materialSchema(value);
}

function without(object: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

/** The same value with the members of every object in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]: [string, unknown]) => [name, sorted(member)]),
  );
}
