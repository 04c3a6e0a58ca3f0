import { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } from './json-bytes.js';

// Private, so that V8 folds them into the loops: with the imported ones these take a third longer.
const quote = QUOTE;
const backslash = BACKSLASH;
const comma = COMMA;
const openBracket = OPEN_BRACKET;
const closeBracket = CLOSE_BRACKET;
const openBrace = OPEN_BRACE;
const closeBrace = CLOSE_BRACE;
/** Up to here a loop over bytes beats the call into `Buffer.indexOf`. */
const shortString = 32;

/** How large a JSON text is in what parsing it costs. */
export interface JsonSize {
  /** Its commas and opening brackets outside of strings, and one: as many values as it has, at the most. */
  readonly values: number;
  /** How deep its objects and arrays nest. */
  readonly depth: number;
}

/**
 * Measures a JSON text without parsing it. The time that parsing takes goes by the number of values and hardly by the bytes:
 * a million small objects take as long as a gigabyte of text. Nothing is judged; of what is no JSON the answer means little.
 * @param most stops beyond so many values; the answer then has `most + 1` of them.
 */
export function jsonSize(bytes: Buffer, most: number, start = 0, end = bytes.length): JsonSize {
  let values = 1;
  let depth = 0;
  let deepest = 0;
  for (let at = start; at < end && values <= most; at += 1) {
    const byte = bytes[at] as number;
    if (byte === quote) at = endOfJsonString(bytes, at + 1, end);
    else if (byte === comma) values += 1;
    else if (byte === openBracket || byte === openBrace) {
      values += 1;
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (byte === closeBracket || byte === closeBrace) depth -= 1;
  }
  return { values, depth: deepest };
}

/** The elements of the JSON array between the two, counted without parsing it; one where it is empty. Nothing is judged. */
export function countElements(bytes: Buffer, start: number, end: number): number {
  let count = 1;
  let depth = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] as number;
    if (byte === quote) at = endOfJsonString(bytes, at + 1, end);
    else if (byte === openBracket || byte === openBrace) depth += 1;
    else if (byte === closeBracket || byte === closeBrace) depth -= 1;
    else if (byte === comma && depth === 1) count += 1;
  }
  return count;
}

/** The index of the quote that closes the string whose first character stands at `from`, or `end` when it stays open. */
export function endOfJsonString(bytes: Buffer, from: number, end: number): number {
  const stop = Math.min(from + shortString, end);
  let at = from;
  while (at < stop) {
    const byte = bytes[at] as number;
    if (byte === quote) return at;
    at += byte === backslash ? 2 : 1;
  }
  while (at < end) {
    const found = bytes.indexOf(quote, at);
    if (found === -1 || found >= end) return end;
    let first = found;
    while (first > at && bytes[first - 1] === backslash) first -= 1;
    if ((found - first) % 2 === 0) return found;
    at = found + 1;
  }
  return end;
}
