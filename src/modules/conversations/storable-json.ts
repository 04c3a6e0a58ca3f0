/**
 * The value with everything replaced that a `jsonb` column refuses: NUL and halves of surrogate pairs, by U+FFFD.
 * Providers and clients may send both, and a turn must not be lost for them.
 */
export function storable<T>(value: T): T {
  return replaced(value) as T;
}

// A surrogate that has no other half.
const unstorable = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

function replaced(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(unstorable, '\ufffd');
  if (Array.isArray(value)) return value.map(replaced);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [replaced(name), replaced(member)]));
}
