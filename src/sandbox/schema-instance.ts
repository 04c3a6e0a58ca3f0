import { isObject, type JsonObject } from './request-fields.js';

const deepest = 32;

const texts: Readonly<Record<string, string>> = {
  'date-time': '2026-01-01T00:00:00Z',
  date: '2026-01-01',
  time: '00:00:00Z',
  duration: 'PT0S',
  email: 'someone@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
};

/**
 * The smallest sensible value that fits a JSON schema: first of an enumeration, required members only, shortest list.
 * `pattern` and `not` are not looked at. A schema that contains itself ends in null.
 */
export function minimalInstance(schema: unknown): unknown {
  return instanceOf(schema, isObject(schema) ? schema : {}, 0);
}

function instanceOf(schema: unknown, root: JsonObject, depth: number): unknown {
  if (!isObject(schema) || depth > deepest) return null;
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0] ?? null;
  if (typeof schema['$ref'] === 'string') return instanceOf(resolve(schema['$ref'], root), root, depth + 1);
  for (const name of ['anyOf', 'oneOf']) {
    const options = schema[name];
    if (Array.isArray(options)) return instanceOf(options[0], root, depth + 1);
  }
  if (Array.isArray(schema['allOf'])) return instanceOf(merged(schema, schema['allOf'], root), root, depth + 1);
  return typedInstance(schema, root, depth);
}

function typedInstance(schema: JsonObject, root: JsonObject, depth: number): unknown {
  switch (typeOf(schema)) {
    case 'object':
      return objectOf(schema, root, depth);
    case 'array':
      return Array.from({ length: numberIn(schema, 'minItems', 0) }, () => instanceOf(schema['items'], root, depth + 1));
    case 'string':
      return textOf(schema);
    case 'integer':
    case 'number':
      return numberOf(schema);
    case 'boolean':
      return false;
    default:
      return null;
  }
}

function typeOf(schema: JsonObject): unknown {
  const { type } = schema;
  if (Array.isArray(type)) return type[0];
  return type ?? (isObject(schema['properties']) ? 'object' : undefined);
}

function objectOf(schema: JsonObject, root: JsonObject, depth: number): JsonObject {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required: readonly unknown[] = Array.isArray(schema['required']) ? schema['required'] : [];
  const names = required.filter((name) => typeof name === 'string');
  return Object.fromEntries(names.map((name) => [name, instanceOf(properties[name], root, depth + 1)]));
}

function textOf(schema: JsonObject): string {
  const { format } = schema;
  if (typeof format === 'string' && Object.hasOwn(texts, format)) return texts[format] ?? '';
  const text = 'text'.padEnd(Math.min(numberIn(schema, 'minLength', 0), 10_000), 'x');
  return text.slice(0, Math.max(0, numberIn(schema, 'maxLength', text.length)));
}

function numberOf(schema: JsonObject): number {
  const step = numberIn(schema, 'multipleOf', 1);
  const above = schema['exclusiveMinimum'];
  const least =
    typeof above === 'number' ? Math.floor(above / step) * step + step : Math.ceil(numberIn(schema, 'minimum', 0) / step) * step;
  const below = schema['exclusiveMaximum'];
  const most = typeof below === 'number' ? Math.ceil(below / step) * step - step : numberIn(schema, 'maximum', least);
  return Math.min(least, Math.floor(most / step) * step);
}

function numberIn(schema: JsonObject, name: string, fallback: number): number {
  const value = schema[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : fallback;
}

function merged(schema: JsonObject, parts: readonly unknown[], root: JsonObject): JsonObject {
  const { allOf: _allOf, ...own } = schema;
  const objects = parts
    .map((part) => (isObject(part) && typeof part['$ref'] === 'string' ? resolve(part['$ref'], root) : part))
    .filter(isObject);
  const all = [own, ...objects];
  const properties = Object.assign({}, ...all.map((part) => part['properties']));
  const required = all.flatMap((part) => (Array.isArray(part['required']) ? part['required'] : []));
  return Object.assign({}, ...all, { properties, required });
}

/** The part of the schema that a local reference such as `#/$defs/city` names. */
function resolve(reference: string, root: JsonObject): unknown {
  if (!reference.startsWith('#')) return undefined;
  const steps = reference.slice(1).split('/').slice(1);
  return steps.reduce<unknown>((at, step) => (isObject(at) ? at[decodePointer(step)] : undefined), root);
}

function decodePointer(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}
