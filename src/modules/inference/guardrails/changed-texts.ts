import { isFields, type Fields } from '../../../kernel/fields.js';
import { isKept } from '../wire/exact-json.js';
import { readingOf } from './unread-members.js';

/** Where a text stands within a value; elements of lists are known by their `index`, where they have one. */
export type Path = readonly (string | number)[];

/** What of an answer is no text beside what `readingOf` tells: names of tools, and why a choice has ended. */
const wordsOfAnswers: ReadonlySet<string> = new Set(['name', 'finish_reason']);

/**
 * A value of JSON with its texts changed; labels, ids and bytes stay (see `readingOf`), and so do names of tools.
 * @param hidesTokens logprobs are left out.
 */
export function changedTexts(
  value: unknown,
  change: (text: string, path: Path) => string,
  hidesTokens: boolean,
  path: Path = [],
): unknown {
  if (typeof value === 'string') return isKept(value) ? value : change(value, path);
  if (Array.isArray(value))
    return value.map((element: unknown, at) => changedTexts(element, change, hidesTokens, [...path, indexOf(element, at)]));
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      if (name === 'logprobs' && hidesTokens) return [name, Array.isArray(member) ? [] : null];
      const stays = isPicture(value, name) || isUnread(name, member, path.length === 0);
      return [name, stays ? member : changedTexts(member, change, hidesTokens, [...path, name])];
    }),
  );
}

/** The picture that a hosted tool has made, in base64. */
function isPicture({ type }: Fields, name: string): boolean {
  return type === 'image_generation_call' && name === 'result';
}

function isUnread(name: string, member: unknown, isTop: boolean): boolean {
  const reading = readingOf(name, isTop);
  if (reading === 'nothing' || (wordsOfAnswers.has(name) && typeof member === 'string')) return true;
  const isLabel = typeof member === 'string' || (Array.isArray(member) && member.every((one) => typeof one === 'string'));
  return reading === 'no label' && isLabel;
}

function indexOf(element: unknown, at: number): number {
  return isFields(element) && typeof element['index'] === 'number' ? element['index'] : at;
}
