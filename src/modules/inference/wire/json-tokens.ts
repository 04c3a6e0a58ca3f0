/**
 * The lexical rules of JSON over raw bytes, shared by everything in this folder that reads without parsing.
 * Indexing says `as number` where the loop's own bound has just proved the index: a default would cost in the hot path.
 */
import { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, OPEN_BRACE, OPEN_BRACKET, QUOTE } from '../../../kernel/json-bytes.js';

/** What a byte means outside of strings. Bytes of class REFUSED can stand nowhere in JSON but inside a string. */
export const REFUSED = 0;
export const PLAIN = 1;
export const STRING = 2;
export const OPEN = 3;
export const CLOSE = 4;

export const byteClass = new Uint8Array(256);
for (const character of ' \t\n\r,:+-.0123456789Eaeflnrstu') byteClass[character.charCodeAt(0)] = PLAIN;
byteClass[QUOTE] = STRING;
byteClass[OPEN_BRACE] = byteClass[OPEN_BRACKET] = OPEN;
byteClass[CLOSE_BRACE] = byteClass[CLOSE_BRACKET] = CLOSE;

/** Up to here a loop over bytes beats the call into `Buffer.indexOf`; past it the call leaps over long strings. */
const SHORT_STRING_BYTES = 64;
const CLOSE_QUOTES_BYTES = 24;

/** The first index from `at` on that holds no JSON whitespace, or `limit`. */
export function skipSpace(bytes: Uint8Array, at: number, limit: number): number {
  while (at < limit) {
    const byte = bytes[at] as number;
    if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) return at;
    at++;
  }
  return at;
}

/**
 * The index of the quote that closes the string whose first character stands at `from`, or -1 when it stays open
 * before `limit`. Escapes are honoured but not judged.
 */
export function endOfString(bytes: Buffer, from: number, limit: number): number {
  let at = from;
  let stop = from + SHORT_STRING_BYTES < limit ? from + SHORT_STRING_BYTES : limit;
  while (at < limit) {
    while (at < stop) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) return at;
      at += byte === BACKSLASH ? 2 : 1;
    }
    if (at >= limit) return -1;
    const quote = bytes.indexOf(QUOTE, at);
    if (quote === -1 || quote >= limit) return -1;
    let escapes = quote;
    while (escapes > at && bytes[escapes - 1] === BACKSLASH) escapes--;
    if (((quote - escapes) & 1) === 0) return quote;
    // Where escaped quotes stand close together the loop is cheaper than one call for each.
    if (quote - at < CLOSE_QUOTES_BYTES) stop = quote + SHORT_STRING_BYTES < limit ? quote + SHORT_STRING_BYTES : limit;
    at = quote + 1;
  }
  return -1;
}

/** The index after the number that starts at `at` by the strict grammar of RFC 8259, or -1. */
export function endOfNumber(bytes: Uint8Array, at: number, limit: number): number {
  if (bytes[at] === 0x2d) at++;
  const whole = skipDigits(bytes, at, limit);
  if (whole === at || (bytes[at] === 0x30 && whole > at + 1)) return -1;
  at = whole;
  if (at < limit && bytes[at] === 0x2e) {
    const fraction = skipDigits(bytes, at + 1, limit);
    if (fraction === at + 1) return -1;
    at = fraction;
  }
  if (at < limit && (bytes[at] === 0x65 || bytes[at] === 0x45)) {
    const sign = bytes[at + 1] === 0x2b || bytes[at + 1] === 0x2d ? at + 2 : at + 1;
    const exponent = skipDigits(bytes, sign, limit);
    if (exponent === sign) return -1;
    at = exponent;
  }
  return at;
}

function skipDigits(bytes: Uint8Array, at: number, limit: number): number {
  while (at < limit && (bytes[at] as number) >= 0x30 && (bytes[at] as number) <= 0x39) at++;
  return at;
}

/** Says whether the bytes from `start` up to `end` are exactly `expected`; for short texts, where a loop beats a call. */
export function sameBytes(bytes: Uint8Array, start: number, end: number, expected: Uint8Array): boolean {
  if (end - start !== expected.length) return false;
  for (let index = 0; index < expected.length; index++) {
    if (bytes[start + index] !== expected[index]) return false;
  }
  return true;
}
