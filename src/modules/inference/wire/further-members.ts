import { isFields, type Fields } from '../../../kernel/fields.js';
import { isKept, numberOf } from './exact-json.js';

/** Members of a streamed object that come whole: a second value takes the place of the first. */
const whole = new Set(['id', 'type', 'name', 'format']);

/** The members that are none of these and say something; undefined when there are none. */
export function furtherMembers(object: Fields, known: ReadonlySet<string>): Fields | undefined {
  let further: Record<string, unknown> | undefined;
  for (const name of Object.keys(object))
    if (!known.has(name) && object[name] !== null && object[name] !== undefined) (further ??= {})[name] = object[name];
  return further;
}

/**
 * What a stream has said so far of further members, and one piece more: texts are joined, lists grow by the `index` of their
 * elements, objects member by member. What is whole in each piece, signatures too, is replaced.
 * @param before what this has given last grows in place; anything else stays as it is.
 */
export function withPiece(before: Fields | undefined, piece: Fields | undefined): Fields | undefined {
  if (before === undefined || piece === undefined) return piece ?? before;
  const merged = grownFrom(before);
  for (const [name, value] of Object.entries(piece))
    if (name !== '__proto__') merged[name] = joined(Object.hasOwn(merged, name) ? merged[name] : undefined, value, name);
  return merged;
}

/** Objects that were made here: they grow in place, since a stream may say very many members one after the other. */
const grown = new WeakSet<object>();

function grownFrom(before: Fields): Record<string, unknown> {
  if (grown.has(before)) return before;
  const copy = { ...before };
  grown.add(copy);
  return copy;
}

function joined(before: unknown, value: unknown, name: string): unknown {
  if (isKept(before) || isKept(value)) return value ?? before;
  if (typeof before === 'string' && typeof value === 'string')
    return whole.has(name) || name.endsWith('signature') ? value || before : before + value;
  if (Array.isArray(before) && Array.isArray(value)) return lists(before as unknown[], value as readonly unknown[]);
  if (isFields(before) && isFields(value)) return withPiece(before, value);
  return value ?? before;
}

/** Grows the list in place: it may come in very many pieces. */
function lists(list: unknown[], more: readonly unknown[]): unknown[] {
  for (const element of more) {
    const places = placesOf(list);
    const index = indexOf(element);
    const at = index === undefined ? undefined : places.get(index);
    if (at !== undefined) list[at] = joined(list[at], element, '');
    else {
      if (index !== undefined) places.set(index, list.length);
      list.push(element);
    }
  }
  return list;
}

/** Where in a list the first element of each `index` stands. */
const knownPlaces = new WeakMap<readonly unknown[], Map<number, number>>();

function placesOf(list: readonly unknown[]): Map<number, number> {
  const known = knownPlaces.get(list);
  if (known !== undefined) return known;
  const places = new Map<number, number>();
  for (const [at, element] of list.entries()) {
    const index = indexOf(element);
    if (index !== undefined && !places.has(index)) places.set(index, at);
  }
  knownPlaces.set(list, places);
  return places;
}

function indexOf(element: unknown): number | undefined {
  return isFields(element) ? numberOf(element['index']) : undefined;
}
