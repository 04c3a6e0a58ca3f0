import { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, COLON, COMMA, QUOTE } from '../../../kernel/json-bytes.js';
import { parsedOrUndefined } from '../../../kernel/parse-json.js';
import { endOfString, sameBytes, skipSpace } from './json-tokens.js';
import { endOfValue, kindOf, NOT_JSON, type ValueState } from './json-values.js';

/** What the scan of a list of messages leaves behind. */
export interface MessageState {
  /** The place of the element that is no message, in the list. */
  badMessage: string | undefined;
}

/** Instead of an index: an element is no message. */
export const BAD_MESSAGE = -3;

const role = Buffer.from('role');

/**
 * Skips the array of messages that opens at `at`, like any other value, but looks at its first two levels: each element must
 * be an object whose `role` is a string. Those levels are judged as JSON.parse does. The answer is the index behind it,
 * NOT_JSON, TOO_DEEP, or BAD_MESSAGE with the place in `badMessage`.
 */
export function endOfMessages(state: ValueState & MessageState, at: number): number {
  const { bytes, limit } = state;
  let next = skipSpace(bytes, at + 1, limit);
  if (bytes[next] === CLOSE_BRACKET) return next + 1;
  for (let index = 0; ; index++) {
    const kind = kindOf(bytes[next] ?? 0);
    if (kind === undefined) return NOT_JSON;
    const end = kind === 'object' ? endOfMessage(state, next, index) : bad(state, `[${index}]`);
    if (end < 0) return end;
    next = skipSpace(bytes, end, limit);
    if (bytes[next] === CLOSE_BRACKET) return next + 1;
    if (bytes[next] !== COMMA) return NOT_JSON;
    next = skipSpace(bytes, next + 1, limit);
  }
}

function endOfMessage(state: ValueState & MessageState, start: number, index: number): number {
  const { bytes, limit, watch } = state;
  let hasRole = false;
  let at = skipSpace(bytes, start + 1, limit);
  while (bytes[at] !== CLOSE_BRACE) {
    const quote = bytes[at] === QUOTE ? endOfString(bytes, at + 1, limit) : -1;
    const colon = quote === -1 ? limit : skipSpace(bytes, quote + 1, limit);
    const value = skipSpace(bytes, colon + 1, limit);
    const kind = kindOf(bytes[value] ?? 0);
    if (bytes[colon] !== COLON || kind === undefined) return NOT_JSON;
    if (watch?.mayBe(bytes, at + 1, quote) === true) state.watchedNameSeen = true;
    // Of a repeated name the last one counts, as for every reader.
    if (namesRole(bytes, at, quote)) hasRole = kind === 'string';
    const end = endOfValue(state, value, kind, 2);
    if (end < 0) return end;
    at = skipSpace(bytes, end, limit);
    if (bytes[at] === CLOSE_BRACE) break;
    if (bytes[at] !== COMMA) return NOT_JSON;
    at = skipSpace(bytes, at + 1, limit);
    if (bytes[at] !== QUOTE) return NOT_JSON;
  }
  return hasRole ? at + 1 : bad(state, `[${index}].role`);
}

function namesRole(bytes: Buffer, open: number, quote: number): boolean {
  if (sameBytes(bytes, open + 1, quote, role)) return true;
  // Escaped, a letter takes six bytes.
  if (quote - open <= role.length + 1 || quote - open > 6 * role.length + 1) return false;
  for (let at = open + 1; at < quote; at++)
    if (bytes[at] === BACKSLASH) return parsedOrUndefined(bytes.toString('utf8', open, quote + 1)) === 'role';
  return false;
}

function bad(state: MessageState, place: string): number {
  state.badMessage = place;
  return BAD_MESSAGE;
}
