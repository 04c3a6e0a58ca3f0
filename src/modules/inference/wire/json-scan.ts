import {
  BACKSLASH,
  byteClass,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  endOfNumber,
  endOfString,
  OPEN,
  OPEN_BRACE,
  OPEN_BRACKET,
  PLAIN,
  QUOTE,
  REFUSED,
  sameBytes,
  skipSpace,
  STRING,
} from './json-tokens.js';
import type { WatchedNames } from './watched-names.js';

export type JsonKind = 'string' | 'number' | 'object' | 'array' | 'true' | 'false' | 'null';

/** One member of the scanned object; the spans are byte offsets into the scanned buffer, ends are exclusive. */
export interface ScannedMember {
  /** The name, escapes resolved. */
  readonly key: string;
  /** The opening quote of the name. */
  readonly keyStart: number;
  /** After the closing quote of the name. */
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  readonly kind: JsonKind;
}

export interface ScannedObject {
  readonly ok: true;
  /** The opening brace. */
  readonly start: number;
  /** After the closing brace. */
  readonly end: number;
  readonly members: readonly ScannedMember[];
  readonly hasEscapedKey: boolean;
  readonly hasDuplicateKey: boolean;
  /** A watched name may stand in a nested value (or as a whole string value); see {@link WatchedNames}. */
  readonly watchedNameSeen: boolean;
}

export interface ScanFault {
  readonly ok: false;
  /** A sentence for the person who sent the body. */
  readonly message: string;
  readonly offset: number;
}

export interface ScanOptions {
  /** How deep objects and arrays may nest, the top object counted as 1. Default 256, at most 1024. */
  readonly maxDepth?: number;
  /** How many members the top object may have. Default 1024. */
  readonly maxMembers?: number;
  readonly watch?: WatchedNames;
}

interface ScanState {
  readonly bytes: Buffer;
  readonly limit: number;
  readonly maxNesting: number;
  readonly watch: WatchedNames | undefined;
  watchedNameSeen: boolean;
  hasEscapedKey: boolean;
  /** The next place of each byte that ends a run of numbers otherwise than by its bracket; see `afterNumbers`. */
  nextOdd: number[] | undefined;
}

const MAX_DEPTH = 1024;
const TOO_DEEP = -2;
const NOT_JSON = -1;
const SET_FROM_MEMBERS = 12;

/** The open brackets of the value being skipped. One for all scans: a scan never pauses and never nests. */
const brackets = new Uint8Array(MAX_DEPTH);

/**
 * Reads the top level of the JSON object that fills `bytes` without parsing it. The top level is judged exactly as
 * JSON.parse does, save that the inside of strings is not looked at; of nested values only brackets, strings and the
 * alphabet of JSON are checked. Never throws, never recurses, linear in the bytes. UTF-8 validity is the caller's.
 */
export function scanObject(bytes: Buffer, options: ScanOptions = {}): ScannedObject | ScanFault {
  const length = bytes.length;
  const start = skipSpace(bytes, 0, length);
  if (start === length) return fault('it is empty', start);
  if (bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf) {
    return fault('it starts with a byte order mark', start);
  }
  if (bytes[start] !== OPEN_BRACE) return fault('it must be a JSON object', start);
  const scanned = scanObjectAt(bytes, start, options);
  if (!scanned.ok) return scanned;
  const rest = skipSpace(bytes, scanned.end, length);
  return rest === length ? scanned : fault('something follows the closing }', rest);
}

/** Like {@link scanObject} for the object whose opening brace stands at `start`; what follows its end is not looked at. */
export function scanObjectAt(bytes: Buffer, start: number, options: ScanOptions = {}): ScannedObject | ScanFault {
  const state: ScanState = {
    bytes,
    limit: bytes.length,
    maxNesting: Math.min(options.maxDepth ?? 256, MAX_DEPTH) - 1,
    watch: options.watch,
    watchedNameSeen: false,
    hasEscapedKey: false,
    nextOdd: undefined,
  };
  const members: ScannedMember[] = [];
  const end = scanMembers(state, start + 1, members, options.maxMembers ?? 1024);
  if (typeof end !== 'number') return end;
  return {
    ok: true,
    start,
    end,
    members,
    hasEscapedKey: state.hasEscapedKey,
    hasDuplicateKey: repeatsKey(members),
    watchedNameSeen: state.watchedNameSeen,
  };
}

/** Fills `members` and returns the index after the closing brace. */
function scanMembers(state: ScanState, from: number, members: ScannedMember[], maxMembers: number): number | ScanFault {
  const { bytes, limit } = state;
  let at = skipSpace(bytes, from, limit);
  if (at < limit && bytes[at] === CLOSE_BRACE) return at + 1;
  while (at < limit) {
    if (bytes[at] !== QUOTE) return fault('a member name in double quotes is expected', at);
    if (members.length === maxMembers) return fault(`it has more than ${maxMembers} members`, at);
    const member = scanMember(state, at);
    if (!('key' in member)) return member;
    members.push(member);
    at = skipSpace(bytes, member.valueEnd, limit);
    if (at >= limit) break;
    if (bytes[at] === CLOSE_BRACE) return at + 1;
    if (bytes[at] !== COMMA) return fault('a comma or } is expected', at);
    at = skipSpace(bytes, at + 1, limit);
  }
  return fault('it ends too early', limit);
}

function scanMember(state: ScanState, keyStart: number): ScannedMember | ScanFault {
  const { bytes, limit } = state;
  const quote = endOfString(bytes, keyStart + 1, limit);
  if (quote === -1) return fault('a member name is not closed', keyStart);
  const key = readKey(state, keyStart, quote);
  if (key === undefined) return fault('a member name is not a valid string', keyStart);
  const colon = skipSpace(bytes, quote + 1, limit);
  if (colon >= limit || bytes[colon] !== COLON) return fault('a colon is expected after a member name', colon);
  const valueStart = skipSpace(bytes, colon + 1, limit);
  const kind = valueStart < limit ? kindOf(bytes[valueStart] as number) : undefined;
  if (kind === undefined) return fault('a value is expected', valueStart);
  const valueEnd = endOfValue(state, valueStart, kind);
  if (valueEnd === TOO_DEEP) return fault(`it nests deeper than ${state.maxNesting + 1} levels`, valueStart);
  if (valueEnd === NOT_JSON) return fault(`the value of ${JSON.stringify(shorten(key))} is not valid JSON`, valueStart);
  return { key, keyStart, keyEnd: quote + 1, valueStart, valueEnd, kind };
}

/** The name between the quotes; undefined when it holds a raw control character or a broken escape. */
function readKey(state: ScanState, keyStart: number, quote: number): string | undefined {
  const { bytes } = state;
  let ascii = true;
  let escaped = false;
  for (let at = keyStart + 1; at < quote; at++) {
    const byte = bytes[at] as number;
    if (byte < 0x20) return undefined;
    if (byte === BACKSLASH) escaped = true;
    else if (byte > 0x7f) ascii = false;
  }
  if (!escaped) return ascii ? bytes.toString('latin1', keyStart + 1, quote) : bytes.toString('utf8', keyStart + 1, quote);
  state.hasEscapedKey = true;
  try {
    return JSON.parse(bytes.toString('utf8', keyStart, quote + 1)) as string;
  } catch {
    return undefined;
  }
}

function kindOf(byte: number): JsonKind | undefined {
  if (byte === QUOTE) return 'string';
  if (byte === OPEN_BRACE) return 'object';
  if (byte === OPEN_BRACKET) return 'array';
  if (byte === 0x74) return 'true';
  if (byte === 0x66) return 'false';
  if (byte === 0x6e) return 'null';
  return byte === 0x2d || (byte >= 0x30 && byte <= 0x39) ? 'number' : undefined;
}

const literals = { true: Buffer.from('true'), false: Buffer.from('false'), null: Buffer.from('null') };

function endOfValue(state: ScanState, at: number, kind: JsonKind): number {
  const { bytes, limit } = state;
  if (kind === 'string') {
    const quote = endOfString(bytes, at + 1, limit);
    return quote === -1 ? NOT_JSON : quote + 1;
  }
  if (kind === 'object' || kind === 'array') return endOfContainer(state, at);
  if (kind === 'number') return endOfNumber(bytes, at, limit);
  const literal = literals[kind];
  return sameBytes(bytes, at, at + literal.length, literal) ? at + literal.length : NOT_JSON;
}

/** Skips the object or array that opens at `at`, matching every bracket with its own kind. */
function endOfContainer(state: ScanState, at: number): number {
  const { bytes, limit, maxNesting, watch } = state;
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
function afterNumbers(state: ScanState, at: number): number {
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

function repeatsKey(members: readonly ScannedMember[]): boolean {
  if (members.length > SET_FROM_MEMBERS) return new Set(members.map((member) => member.key)).size !== members.length;
  for (let index = 1; index < members.length; index++) {
    const key = members[index]?.key;
    for (let earlier = 0; earlier < index; earlier++) if (members[earlier]?.key === key) return true;
  }
  return false;
}

function shorten(key: string): string {
  return key.length > 40 ? `${key.slice(0, 40)}…` : key;
}

function fault(what: string, offset: number): ScanFault {
  return { ok: false, message: `Could not parse your JSON body: ${what} (at byte ${offset}).`, offset };
}
