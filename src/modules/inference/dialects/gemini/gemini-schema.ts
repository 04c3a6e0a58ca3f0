import { isFields, type Fields } from '../../../../kernel/fields.js';

/** Members of a schema that hold schemas: by names, in a list, or one. */
const named = new Set(['properties', 'patternProperties', '$defs', 'definitions']);
const listed = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);
const single = new Set(['items', 'additionalProperties', 'not']);

/**
 * A JSON schema in the words of JSON schema that Gemini reads: `const` of a text or a number is an `enum` of one, and `$schema`
 * is not said. All else stays, its numbers as they were written.
 */
export function geminiSchema(schema: Fields): Fields {
  const said: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(schema)) {
    if (name === '$schema') continue;
    if (name === 'const' && (typeof value === 'string' || typeof value === 'number')) said['enum'] ??= [value];
    else if (named.has(name) && isFields(value))
      said[name] = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, innerSchema(inner)]));
    else if (listed.has(name) && Array.isArray(value)) said[name] = (value as unknown[]).map(innerSchema);
    else said[name] = single.has(name) ? innerSchema(value) : value;
  }
  return said;
}

function innerSchema(value: unknown): unknown {
  if (Array.isArray(value)) return (value as unknown[]).map(innerSchema);
  return isFields(value) ? geminiSchema(value) : value;
}
