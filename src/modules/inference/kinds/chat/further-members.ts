import { isFields, type Fields } from '../../../../kernel/fields.js';
import { isKept, numberOf } from '../../wire/exact-json.js';

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
 */
export function withPiece(before: Fields | undefined, piece: Fields | undefined): Fields | undefined {
  if (before === undefined || piece === undefined) return piece ?? before;
  const merged: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(piece)) merged[name] = joined(merged[name], value, name);
  return merged;
}

function joined(before: unknown, value: unknown, name: string): unknown {
  if (isKept(before) || isKept(value)) return value ?? before;
  if (typeof before === 'string' && typeof value === 'string')
    return whole.has(name) || name.endsWith('signature') ? value || before : before + value;
  if (Array.isArray(before) && Array.isArray(value)) return lists(before, value);
  if (isFields(before) && isFields(value)) return withPiece(before, value);
  return value ?? before;
}

function lists(before: readonly unknown[], more: readonly unknown[]): unknown[] {
  const list = [...before];
  for (const element of more) {
    const index = isFields(element) ? numberOf(element['index']) : undefined;
    const at = index === undefined ? -1 : list.findIndex((one) => isFields(one) && numberOf(one['index']) === index);
    if (at === -1) list.push(element);
    else list[at] = joined(list[at], element, '');
  }
  return list;
}
