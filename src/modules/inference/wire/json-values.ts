import { CLOSE_BRACKET, OPEN_BRACE, OPEN_BRACKET, QUOTE } from '../../../kernel/json-bytes.js';
import { byteClass, endOfNumber, endOfString, OPEN, PLAIN, REFUSED, sameBytes, STRING } from './json-tokens.js';
import type { WatchedNames } from './watched-names.js';

export type JsonKind = 'string' | 'number' | 'object' | 'array' | 'true' | 'false' | 'null';

/** What the scan of one document keeps while it skips values. */
export interface ValueState {
  readonly bytes: Buffer;
  readonly limit: number;
  /** How deep a value may nest, itself counted as 1. */
  readonly maxNesting: number;
  readonly watch: WatchedNames | undefined;
  watchedNameSeen: boolean;
  /** The next place of each byte that ends a run of numbers otherwise than by its bracket; see `afterNumbers`. */
  nextOdd: number[] | undefined;
}

export const MAX_DEPTH = 1024;
/** Instead of an index: what stands there nests too deep. */
export const TOO_DEEP = -2;
/** Instead of an index: what stands there is no JSON. */
export const NOT_JSON = -1;

/** The open brackets of the value being skipped. One for all scans: a scan never pauses and never nests. */
const brackets = new Uint8Array(MAX_DEPTH);

/** The kind of the value that begins with this byte. */
export function kindOf(byte: number): JsonKind | undefined {
  if (byte === QUOTE) return 'string';
  if (byte === OPEN_BRACE) return 'object';
  if (byte === OPEN_BRACKET) return 'array';
  if (byte === 0x74) return 'true';
  if (byte === 0x66) return 'false';
  if (byte === 0x6e) return 'null';
  return byte === 0x2d || (byte >= 0x30 && byte <= 0x39) ? 'number' : undefined;
}

const literals = { true: Buffer.from('true'), false: Buffer.from('false'), null: Buffer.from('null') };

/**
 * The index behind the value of that kind that begins at `at`, or NOT_JSON or TOO_DEEP. Of an object or array only brackets,
 * strings and the alphabet of JSON are checked. @param around how many containers stand around it, uncounted so far.
 */
export function endOfValue(state: ValueState, at: number, kind: JsonKind, around = 0): number {
  const { bytes, limit } = state;
  if (kind === 'string') {
    const quote = endOfString(bytes, at + 1, limit);
    return quote === -1 ? NOT_JSON : quote + 1;
  }
  if (kind === 'object' || kind === 'array') return endOfContainer(state, at, around);
  if (kind === 'number') return endOfNumber(bytes, at, limit);
  const literal = literals[kind];
  return sameBytes(bytes, at, at + literal.length, literal) ? at + literal.length : NOT_JSON;
}

/** Skips the object or array that opens at `at`, matching every bracket with its own kind. */
function endOfContainer(state: ValueState, at: number, around: number): number {
  const { bytes, limit, watch } = state;
  const maxNesting = state.maxNesting - around;
  let depth = 0;
  while (at < limit) {
    const byte = bytes[at] as number;
    const meaning = byteClass[byte] as number;
    if (meaning === PLAIN) {
      do at++;
      while (at < limit && byteClass[bytes[at] as number] === PLAIN);
    } else if (meaning === STRING) {
      const quote = endOfString(bytes, at + 1, limit);
      if (quote === -1) return NOT_JSON;
      if (watch !== undefined && quote - at <= watch.longestBytes + 1 && watch.mayBe(bytes, at + 1, quote)) {
        state.watchedNameSeen = true;
      }
      at = quote + 1;
    } else if (meaning === OPEN) {
      if (depth >= maxNesting) return TOO_DEEP;
      brackets[depth++] = byte;
      at++;
      if (byte === OPEN_BRACKET) at = afterNumbers(state, at);
    } else if (meaning === REFUSED) return NOT_JSON;
    else {
      // In ASCII a closing brace or bracket is its opening one plus two.
      if ((brackets[--depth] as number) + 2 !== byte) return NOT_JSON;
      at++;
      if (depth === 0) return at;
    }
  }
  return NOT_JSON;
}

/** Shorter runs are walked. */
const LONG_RUN_BYTES = 256;

/** What may not stand between numbers: strings, brackets, and the beginnings of NaN and Infinity. */
const ODD_BYTES = [QUOTE, OPEN_BRACKET, OPEN_BRACE, 0x4e, 0x49] as const;

/**
 * Leaps over a long array of numbers to its bracket: a vector's digits are most of an embeddings reply, and walking them
 * would cost more than all else of a call. Single digits are not looked at. Where anything else may stand in it, or it is
 * short, the answer is `at`: then it is walked.
 */
function afterNumbers(state: ValueState, at: number): number {
  const { bytes, limit } = state;
  const first = bytes[at] as number;
  if (first !== 0x2d && (first < 0x30 || first > 0x39)) return at;
  const next = (state.nextOdd ??= ODD_BYTES.map(() => -1));
  let run = limit;
  for (let index = 0; index < ODD_BYTES.length; index++) {
    let odd = next[index] as number;
    if (odd < at) {
      const found = bytes.indexOf(ODD_BYTES[index] as number, at);
      next[index] = odd = found === -1 ? limit : found;
    }
    if (odd < run) run = odd;
    // Nothing behind it is searched: so every byte is searched once for each of these, however the arrays nest.
    if (run - at < LONG_RUN_BYTES) return at;
  }
  const close = bytes.subarray(at, run).indexOf(CLOSE_BRACKET);
  return close < LONG_RUN_BYTES ? at : at + close;
}
