import { parsedOrUndefined } from '../../../kernel/parse-json.js';

/** A blank text that is longer than this counts as one that says something. */
const longest = 1_024;

/** True for a JSON value that says nothing: null, or a text of white space. */
export function isJsonBlank(value: Buffer): boolean {
  if (value.length > longest) return false;
  const parsed = parsedOrUndefined(value);
  return parsed === null || (typeof parsed === 'string' && parsed.trim() === '');
}
