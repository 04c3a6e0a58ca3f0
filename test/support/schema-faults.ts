/** A JSON Schema, reduced to what OpenAI's descriptions and ours use of it: names, types, values and required members. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  /** Always the empty schema: nothing is valid. */
  readonly not?: object;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: boolean | Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

/** By their names. */
export type Schemas = Readonly<Record<string, Schema>>;

/**
 * Judges a value by a schema: paths with their fault, empty when nothing is wrong. Of alternatives the one that has the
 * value's `type` is meant, else the one with the fewest faults.
 */
export function faults(all: Schemas, schema: Schema, value: unknown, path: string): string[] {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
    const named = all[name];
    if (named === undefined) throw new Error(`The schema ${name} is not in the description.`);
    return value === null && schema.nullable === true ? [] : faults(all, named, value, path);
  }
  if (value === null && schema.nullable === true) return [];
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined)
    return fewestFaults(meant(all, alternatives, value).map((one) => faults(all, one, value, path)));
  const found = (schema.allOf ?? []).flatMap((one) => faults(all, one, value, path));
  if (schema.not !== undefined) found.push(`${path} is there`);
  if ('const' in schema && schema.const !== value) found.push(`${path} is ${JSON.stringify(value)}`);
  if (schema.enum !== undefined && !schema.enum.includes(value)) found.push(`${path} is ${JSON.stringify(value)}`);
  if (!fitsType(schema, value)) return [...found, `${path} is no ${String(schema.type)}`];
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items !== undefined) value.forEach((item, at) => found.push(...faults(all, items, item, `${path}[${at}]`)));
  } else if (typeof value === 'object' && value !== null)
    found.push(...memberFaults(all, schema, value as Record<string, unknown>, path));
  return found;
}

/** Those of the alternatives whose `type` the value names; all of them where none does. */
function meant(all: Schemas, alternatives: readonly Schema[], value: unknown): readonly Schema[] {
  if (typeof value !== 'object' || value === null) return alternatives;
  const { type } = value as { readonly type?: unknown };
  const named = alternatives.filter((one) => typesOf(all, one).has(type));
  return named.length === 0 ? alternatives : named;
}

/** Each event of a stream is judged among dozens of alternatives: their types are gathered once. */
const knownTypes = new WeakMap<Schema, ReadonlySet<unknown>>();

function typesOf(all: Schemas, schema: Schema): ReadonlySet<unknown> {
  const known = knownTypes.get(schema) ?? new Set(namedTypes(all, schema));
  knownTypes.set(schema, known);
  return known;
}

/** The values that a schema allows for `type`. */
function namedTypes(all: Schemas, schema: Schema): unknown[] {
  const { properties, allOf = [] } = schema.$ref === undefined ? schema : (all[schema.$ref.split('/').at(-1) ?? ''] ?? schema);
  const named = properties?.['type'];
  return [
    ...(named?.enum ?? []),
    ...(named?.const === undefined ? [] : [named.const]),
    ...allOf.flatMap((one) => namedTypes(all, one)),
  ];
}

function memberFaults(all: Schemas, schema: Schema, value: Record<string, unknown>, path: string): string[] {
  const found = (schema.required ?? []).filter((name) => value[name] === undefined).map((name) => `${path}.${name} is missing`);
  for (const [name, member] of Object.entries(value)) {
    const known =
      schema.properties?.[name] ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined);
    if (known !== undefined && member !== undefined) found.push(...faults(all, known, member, `${path}.${name}`));
    else if (schema.additionalProperties === false) found.push(`${path}.${name} is unknown`);
  }
  return found;
}

function fitsType({ type, properties }: Schema, value: unknown): boolean {
  if (typeof type === 'object') return type.some((one) => isOfType(one, value));
  return isOfType(type ?? (properties === undefined ? undefined : 'object'), value);
}

function isOfType(type: string | undefined, value: unknown): boolean {
  switch (type) {
    case undefined:
      return true;
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'null':
      return value === null;
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}

function fewestFaults(candidates: readonly string[][]): string[] {
  return candidates.reduce((best, one) => (one.length < best.length ? one : best));
}
