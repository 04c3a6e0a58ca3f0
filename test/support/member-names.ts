import type { Schema, Schemas } from './schema-faults.js';

export interface Known {
  readonly all: Schemas;
  readonly schema: Schema;
}

/** An object of a schema, with the schemas that those of its members are read by. */
interface Shape {
  readonly all: Schemas;
  readonly properties: Readonly<Record<string, Schema>>;
}

const deepest = 14;

/**
 * The members of our schema that none of the known ones has, by their paths. Where an object says its `type` or `role`, it is
 * held against those of the same; elsewhere against all that can stand in its place.
 * @param shared what our schemas of these names are held against, wherever they stand.
 */
export function unknownMembers(
  own: Known,
  known: readonly Known[],
  path: string,
  shared: Readonly<Record<string, readonly Known[]>> = {},
  depth = 0,
): string[] {
  if (depth > deepest) return [];
  const elsewhere = shared[own.schema.$ref?.split('/').at(-1) ?? ''];
  if (elsewhere !== undefined && known !== elsewhere) return unknownMembers(own, elsewhere, path, shared, depth);
  const theirs = known.flatMap((one) => shapesOf(one));
  const theirItems = known.flatMap((one) => knownItems(one));
  const below = (schema: Schema, next: readonly Known[], at: string): string[] =>
    unknownMembers({ all: own.all, schema }, next, at, shared, depth + 1);
  return [
    ...itemsOf(own).flatMap((item) => below(item, theirItems, `${path}[]`)),
    ...shapesOf(own).flatMap((shape) => ofShape(shape, theirs, path, below)),
  ];
}

type Below = (schema: Schema, known: readonly Known[], path: string) => string[];

function ofShape(shape: Shape, theirs: readonly Shape[], path: string, below: Below): string[] {
  // A member that is known to hold anything: nothing can be said of what it holds.
  if (theirs.length === 0) return [];
  const alike = theirs.filter((one) => isAlike(shape, one));
  const candidates = alike.length === 0 ? theirs : alike;
  return Object.entries(shape.properties).flatMap(([name, member]) => {
    const known = candidates.flatMap(({ all, properties }) => {
      const schema = properties[name];
      return schema === undefined ? [] : [{ all, schema }];
    });
    return known.length === 0 ? [`${path}.${name}`] : below(member, known, `${path}.${name}`);
  });
}

function isAlike(one: Shape, other: Shape): boolean {
  return ['type', 'role'].every((name) => {
    const values = valuesOf(one, name);
    const others = valuesOf(other, name);
    return values.length === 0 || others.length === 0 || values.some((value) => others.includes(value));
  });
}

function valuesOf({ all, properties }: Shape, name: string): readonly unknown[] {
  const member = properties[name];
  if (member === undefined) return [];
  return [member, ...(member.anyOf ?? []), ...(member.oneOf ?? [])].flatMap((one) => {
    const { enum: values = [], const: value } = resolved(all, one);
    return value === undefined ? values : [...values, value];
  });
}

/** The objects that a schema allows; parts that hold together are one. */
function shapesOf({ all, schema }: Known): Shape[] {
  const { anyOf, oneOf, allOf, properties } = resolved(all, schema);
  const alternatives = [...(anyOf ?? []), ...(oneOf ?? [])].flatMap((one) => shapesOf({ all, schema: one }));
  const together = (allOf ?? []).map((one) => shapesOf({ all, schema: one }));
  const merged =
    together.length === 0
      ? []
      : [{ all, properties: Object.assign({}, ...together.flat().map((one) => one.properties)) as Shape['properties'] }];
  const own = properties === undefined ? [] : [{ all, properties }];
  return [...own, ...alternatives, ...merged];
}

function itemsOf({ all, schema }: Known): Schema[] {
  const { anyOf, oneOf, allOf, items } = resolved(all, schema);
  const within = [...(anyOf ?? []), ...(oneOf ?? []), ...(allOf ?? [])].flatMap((one) => itemsOf({ all, schema: one }));
  return items === undefined ? within : [...within, items];
}

export function knownItems({ all, schema }: Known): Known[] {
  return itemsOf({ all, schema }).map((item) => ({ all, schema: item }));
}

function resolved(all: Schemas, schema: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  return resolved(all, all[schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)] ?? {});
}

/** The members of the objects that a schema allows, on its first level. */
export function memberNames(known: Known): string[] {
  return [...new Set(shapesOf(known).flatMap(({ properties }) => Object.keys(properties)))];
}
