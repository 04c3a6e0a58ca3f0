import { isDigit, isLatinLetter, type ReadableText, type TextSpan } from './readable-text.js';

const longestLocal = 64;
const longestDomain = 255;
const shortestTopLevel = 2;

const DOT = 0x2e;
const HYPHEN = 0x2d;
/** `%`, `'`, `+` and `_`: beside letters, digits, dots and hyphens all that is met before the `@` of real addresses. */
const furtherLocal = new Set([0x25, 0x27, 0x2b, 0x5f]);

/**
 * The e-mail address around the `@` that stands at `at`; undefined where there is none. At most 64 characters before it are
 * looked at and 255 behind it, and none beyond the next `@`.
 * @param from nothing before this place belongs to it.
 */
export function emailAround(text: ReadableText, at: number, from: number): TextSpan | undefined {
  let start = at;
  while (start > from && at - start < longestLocal && isOfLocal(text.charCodeAt(start - 1))) start -= 1;
  while (start < at && !isOfName(text.charCodeAt(start))) start += 1;
  if (start === at || text.charCodeAt(at - 1) === DOT) return undefined;
  const end = endOfDomain(text, at + 1);
  return end === undefined ? undefined : { start, end };
}

/** The end of a domain with a top level of letters; what follows the last such level is left out. */
function endOfDomain(text: ReadableText, from: number): number | undefined {
  const limit = Math.min(text.length, from + longestDomain);
  let end: number | undefined;
  for (let label = from; label < limit;) {
    let next = label;
    while (next < limit && isOfLabel(text.charCodeAt(next))) next += 1;
    let last = next;
    while (last > label && text.charCodeAt(last - 1) === HYPHEN) last -= 1;
    if (last === label || text.charCodeAt(label) === HYPHEN) break;
    if (label > from && isTopLevel(text, label, last)) end = last;
    if (last !== next || next >= limit || text.charCodeAt(next) !== DOT) break;
    label = next + 1;
  }
  return end;
}

/** Letters alone, or the ASCII form of a top level in another script (`xn--…`). */
function isTopLevel(text: ReadableText, start: number, end: number): boolean {
  if (end - start < shortestTopLevel) return false;
  const isEncoded = end - start > 4 && text.charCodeAt(start + 2) === HYPHEN && text.charCodeAt(start + 3) === HYPHEN;
  if (isEncoded) return true;
  for (let at = start; at < end; at += 1) if (!isLatinLetter(text.charCodeAt(at))) return false;
  return true;
}

function isOfName(code: number): boolean {
  return isDigit(code) || isLatinLetter(code);
}

function isOfLabel(code: number): boolean {
  return code === HYPHEN || isOfName(code);
}

function isOfLocal(code: number): boolean {
  return code === DOT || isOfLabel(code) || furtherLocal.has(code);
}
