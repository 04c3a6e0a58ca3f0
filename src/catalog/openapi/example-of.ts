import { aTime, exampleId, kinds, numbers, objects, texts } from './example-words.js';
import type { Json } from './json.js';

/** Members of a schema that an example follows. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly not?: object;
  readonly minItems?: number;
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
}

/** Finds the schema that a reference names. */
export type Lookup = (reference: string) => Json;

const deepest = 12;

/**
 * A value that a schema takes, the same at every time: the example, default or constant that it names, else the least that it
 * asks for. Members that may be left out are left out.
 */
export function exampleOf(schema: Json, lookup: Lookup): unknown {
  return value(schema as Schema, { lookup, name: '', owner: undefined, depth: 0 });
}

interface Place {
  readonly lookup: Lookup;
  /** The member that the value is for. */
  readonly name: string;
  /** What the object around it says in `object`. */
  readonly owner: string | undefined;
  readonly depth: number;
}

function value(schema: Schema, place: Place): unknown {
  if (place.depth > deepest) return null;
  if (schema.examples !== undefined) return schema.examples[0];
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.default !== undefined) return schema.default;
  const deeper = { ...place, depth: place.depth + 1 };
  if (schema.$ref !== undefined) return value(place.lookup(schema.$ref) as Schema, deeper);
  if (schema.allOf !== undefined)
    return Object.assign({}, ...schema.allOf.map((part) => value(part, deeper) as object)) as object;
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) return alternative(alternatives, deeper);
  return ofType(typeof schema.type === 'string' ? schema.type : schema.type?.find((type) => type !== 'null'), schema, deeper);
}

/** The first one; nothing where an object, a list or an end may be missing, as they mostly are. */
function alternative(all: readonly Schema[], place: Place): unknown {
  const first = all.find(({ type }) => type !== 'null') ?? {};
  const isPart = first.type === 'object' || first.type === 'array' || first.$ref !== undefined || place.name === 'expires_at';
  return isPart && all.some(({ type }) => type === 'null') ? null : value(first, place);
}

function ofType(type: string | undefined, schema: Schema, place: Place): unknown {
  if (type === 'object' || schema.properties !== undefined) return object(schema, place);
  if (type === 'array') return array(schema, place);
  if (type === 'string') return text(schema, place);
  if (type === 'integer' || type === 'number') return number(schema, place);
  if (type === 'boolean') return false;
  return null;
}

/** One item, or as many as there must be; none where nothing can be an item. */
function array({ items = {}, minItems = 1 }: Schema, place: Place): unknown[] {
  return items.not === undefined ? Array.from({ length: Math.max(1, minItems) }, () => value(items, place)) : [];
}

function object({ properties = {}, required = [] }: Schema, place: Place): object {
  const owner = properties['object']?.const;
  const within = { ...place, owner: typeof owner === 'string' ? owner : undefined };
  const known = objects[place.name];
  if (known !== undefined && required.length === 0 && Object.keys(known).every((name) => name in properties)) return known;
  const made = Object.fromEntries(required.map((name) => [name, value(properties[name] ?? {}, { ...within, name })]));
  const [first] = Array.isArray(made['data']) ? (made['data'] as readonly { readonly id?: unknown }[]) : [];
  return first?.id === undefined || made['first_id'] === undefined ? made : { ...made, first_id: first.id, last_id: first.id };
}

function text({ format, pattern, minLength = 0 }: Schema, { name, owner }: Place): string {
  if (format === 'binary') return '';
  if (format === 'uri') return texts['url'] ?? '';
  if (format === 'email') return texts['email'] ?? '';
  const kind = kinds[name === 'id' ? (owner ?? '') : name];
  const known = kind !== undefined && (name === 'id' || texts[name] === undefined) ? exampleId(kind) : texts[name];
  const candidates = [known, name, 'text', 'acme', '1', '/', 'a'.repeat(Math.max(1, minLength))];
  const fits = (candidate: string | undefined): candidate is string =>
    candidate !== undefined && candidate.length >= minLength && (pattern === undefined || new RegExp(pattern).test(candidate));
  return candidates.find(fits) ?? 'text';
}

function number({ minimum, exclusiveMinimum }: Schema, { name }: Place): number {
  if (/(?:_at|since|until|created)$/.test(name)) return aTime;
  const known = numbers[name];
  if (known !== undefined && known >= (minimum ?? known)) return known;
  return Math.max(1, minimum ?? 1, (exclusiveMinimum ?? 0) + 1);
}
