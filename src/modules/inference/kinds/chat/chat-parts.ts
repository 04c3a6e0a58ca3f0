import { isFields, type Fields } from '../../../../kernel/fields.js';
import { holdsKept } from '../../wire/exact-json.js';

/** Of each kind of part with an item form of its own: where its text or data stands, which the item holds. */
const bulk: Readonly<Record<string, { readonly inner?: string; readonly name: string; readonly others: readonly string[] }>> = {
  text: { name: 'text', others: [] },
  image_url: { inner: 'image_url', name: 'url', others: ['detail'] },
  file: { inner: 'file', name: 'file_data', others: ['filename'] },
};

/** What the item form of a chat part does not hold; null when it holds all. Texts and data are never held twice. */
export function restOfPart(part: Fields): Fields | null {
  const form = bulk[String(part['type'])];
  if (form === undefined) return holdsKept(part) ? part : null;
  const { inner, name, others } = form;
  if (inner === undefined) {
    const { [name]: _text, ...rest } = part;
    return Object.keys(rest).length === 1 ? null : rest;
  }
  const held = part[inner];
  if (!isFields(held)) return null;
  const { [name]: data, ...rest } = held;
  const isAll =
    data !== undefined && Object.keys(rest).every((one) => others.includes(one)) && others.every((one) => one in rest);
  return isAll && Object.keys(part).length === 2 && !holdsKept(rest) ? null : { ...part, [inner]: rest };
}

/** The part as it was said, from what its item form gives and what that does not hold. */
export function wholePart(given: Fields, rest: Fields | null | undefined): Fields {
  if (rest === null || rest === undefined) return given;
  const form = bulk[String(rest['type'])];
  if (form === undefined) return rest;
  const { inner, name } = form;
  if (inner === undefined) return { ...rest, [name]: given[name] };
  const from = given[inner];
  const data = isFields(from) ? from[name] : undefined;
  return { ...rest, [inner]: { ...(rest[inner] as Fields), ...(data === undefined ? {} : { [name]: data }) } };
}
