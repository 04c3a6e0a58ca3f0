import { COMMA, OPEN_BRACE } from '../../../kernel/json-bytes.js';
import { scanObjectAt } from './json-scan.js';
import { skipSpace } from './json-tokens.js';
import { endOfValue, kindOf, MAX_DEPTH, type ValueState } from './json-values.js';

/**
 * The elements of the array that stands from `start` up to `end`, as the bytes of the first `count` and of all others, each
 * without the comma between them. The bytes must have been scanned.
 */
export function elementsSplit(bytes: Buffer, start: number, end: number, count: number): { head: Buffer; tail: Buffer } {
  const close = end - 1;
  const state: ValueState = {
    bytes,
    limit: close,
    maxNesting: MAX_DEPTH,
    watch: undefined,
    watchedNameSeen: false,
    nextOdd: undefined,
  };
  const first = skipSpace(bytes, start + 1, close);
  let headEnd = first;
  let next = first;
  for (let passed = 0; passed < count && next < close; passed++) {
    const kind = kindOf(bytes[next] ?? 0);
    const valueEnd = kind === undefined ? -1 : endOfValue(state, next, kind);
    if (valueEnd < 0) throw new Error('the elements of an array that was not scanned');
    headEnd = valueEnd;
    next = skipSpace(bytes, headEnd, close);
    if (bytes[next] === COMMA) next = skipSpace(bytes, next + 1, close);
  }
  return { head: bytes.subarray(first, headEnd), tail: bytes.subarray(next, close) };
}

/** The elements of an array of objects, as their bytes; undefined where one of them is no object. The bytes must have been scanned. */
export function objectElements(bytes: Buffer, start: number, end: number): Buffer[] | undefined {
  const close = end - 1;
  const elements: Buffer[] = [];
  for (let at = skipSpace(bytes, start + 1, close); at < close;) {
    if (bytes[at] !== OPEN_BRACE) return undefined;
    const element = scanObjectAt(bytes, at);
    if (!element.ok) return undefined;
    elements.push(bytes.subarray(at, element.end));
    at = skipSpace(bytes, element.end, close);
    if (bytes[at] === COMMA) at = skipSpace(bytes, at + 1, close);
  }
  return elements;
}
