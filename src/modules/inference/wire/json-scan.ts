import { BACKSLASH, CLOSE_BRACE, COLON, COMMA, OPEN_BRACE, QUOTE } from '../../../kernel/json-bytes.js';
import { parsedOrUndefined } from '../../../kernel/parse-json.js';
import { endOfValue, kindOf, MAX_DEPTH, NOT_JSON, TOO_DEEP, type JsonKind, type ValueState } from './json-values.js';
import { endOfString, skipSpace } from './json-tokens.js';
import { BAD_MESSAGE, endOfMessages, type MessageState } from './message-scan.js';
import type { WatchedNames } from './watched-names.js';

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
  /** The place of an element that is no message; then the JSON itself is not at fault so far. */
  readonly param?: string;
}

export interface ScanOptions {
  /** How deep objects and arrays may nest, the top object counted as 1. Default 256, at most 1024. */
  readonly maxDepth?: number;
  /** How many members the top object may have. Default 1024. */
  readonly maxMembers?: number;
  readonly watch?: WatchedNames;
  /** The name of the member that is a list of messages: where it is an array, each element must be an object with a role. */
  readonly messages?: string;
}

interface ScanState extends ValueState, MessageState {
  /** The member whose elements must be messages. */
  readonly messages: string | undefined;
  hasEscapedKey: boolean;
}

const SET_FROM_MEMBERS = 12;

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
    messages: options.messages,
    badMessage: undefined,
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
  const isMessages = kind === 'array' && key === state.messages;
  const valueEnd = isMessages ? endOfMessages(state, valueStart) : endOfValue(state, valueStart, kind);
  if (valueEnd === BAD_MESSAGE) return messageFault(`${key}${state.badMessage ?? ''}`, valueStart);
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
  return parsedOrUndefined(bytes.subarray(keyStart, quote + 1)) as string | undefined;
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

function messageFault(param: string, offset: number): ScanFault {
  const expected = param.endsWith(']') ? 'an object with a role' : 'a string';
  return { ok: false, message: `Invalid value for '${param}': expected ${expected}.`, offset, param };
}

function fault(what: string, offset: number): ScanFault {
  return { ok: false, message: `Could not parse your JSON body: ${what} (at byte ${offset}).`, offset };
}
