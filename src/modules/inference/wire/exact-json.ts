import { randomBytes } from 'node:crypto';
import type { Fields } from '../../../kernel/fields.js';
import { QUOTE } from '../../../kernel/json-bytes.js';
import type { Steps } from '../../../kernel/steps.js';
import { endOfNumber, endOfString } from './json-tokens.js';

/** Stands before the text of a number. Nobody outside this process can know it, so no text of a client begins with it. */
const marker = `number-${randomBytes(12).toString('base64url')}:`;
const markerBytes = Buffer.from(`"${marker}`);
const closing = Buffer.from('"');
const printed = new RegExp(`"${marker}(-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][+-]?\\d+)?)"`, 'g');

/** Up to so many characters a whole number is printed as it was written, whatever its digits. */
const SAFE_DIGITS = 15;
const DOT = 0x2e;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;

/**
 * The value of a JSON text, in which each number that JavaScript would print in another way (`1.0`, `1e3`, more than 17
 * digits) is kept as it was written. Print it with {@link printExact}; read a number of it with {@link numberOf}.
 * @param plain what JSON.parse made of the same bytes; it is given back where all numbers are plain.
 */
export function readExact(bytes: Buffer, plain: unknown): unknown {
  const marked = withMarks(bytes);
  return marked === undefined ? plain : (JSON.parse(marked) as unknown);
}

/** JSON.stringify for what {@link readExact} gave: kept numbers are printed as they were written. */
export function printExact(value: unknown): string {
  const text = JSON.stringify(value);
  return text.includes(marker) ? text.replace(printed, '$1') : text;
}

/** So many elements of a list are printed in one step. */
const ELEMENTS = 100;

/** The bytes of {@link printExact} for an object of members, in steps: its lists are printed some elements at a time. */
export function* printInSteps(fields: Fields): Steps<Buffer> {
  const parts: Buffer[] = [];
  const add = (text: string): unknown => parts.push(Buffer.from(text));
  let before = '{';
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    add(`${before}${JSON.stringify(name)}:`);
    before = ',';
    if (!Array.isArray(value)) add(printExact(value));
    else {
      add('[');
      for (let at = 0; at < value.length; at += ELEMENTS) {
        const some = printExact(value.slice(at, at + ELEMENTS)).slice(1, -1);
        add(at === 0 ? some : `,${some}`);
        yield;
      }
      add(']');
    }
  }
  add(before === '{' ? '{}' : '}');
  return Buffer.concat(parts);
}

/** True for a number that is kept as it was written. */
export function isKept(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith(marker);
}

/** The number, plain or kept; undefined for all else. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return isKept(value) ? Number(value.slice(marker.length)) : undefined;
}

/** True when a kept number stands anywhere in the value. */
export function holdsKept(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return isKept(value);
  return Object.values(value).some(holdsKept);
}

/** The value with plain numbers for kept ones: for readers who compute, not for providers. */
export function plainOf<T>(value: T): T {
  return holdsKept(value) ? (plain(value) as T) : value;
}

function plain(value: unknown): unknown {
  if (isKept(value)) return numberOf(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}

/** The text with a marked string for each number to be kept; undefined when there is none. */
function withMarks(bytes: Buffer): string | undefined {
  const parts: Buffer[] = [];
  let copied = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) {
      at = endOfString(bytes, at + 1, bytes.length);
      if (at === -1) break;
    } else if (byte === MINUS || (byte >= ZERO && byte <= NINE)) {
      const end = endOfNumber(bytes, at, bytes.length);
      if (end === -1) break;
      if (!isPrintedAlike(bytes, at, end)) {
        parts.push(bytes.subarray(copied, at), markerBytes, bytes.subarray(at, end), closing);
        copied = end;
      }
      at = end - 1;
    }
  }
  if (copied === 0) return undefined;
  parts.push(bytes.subarray(copied));
  return Buffer.concat(parts).toString('utf8');
}

/** Whether JavaScript prints the number from `start` up to `end` as it stands there. */
function isPrintedAlike(bytes: Buffer, start: number, end: number): boolean {
  const first = bytes[start] as number;
  if (end - start <= SAFE_DIGITS && first !== MINUS && isSimple(bytes, start, end)) return true;
  const text = bytes.toString('latin1', start, end);
  return String(Number(text)) === text;
}

/** A short number without exponent, not below 1 unless it is 0, without a zero at the end of its fraction. */
function isSimple(bytes: Buffer, start: number, end: number): boolean {
  let fraction = false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === DOT) fraction = true;
    else if (byte > NINE || byte < ZERO) return false;
  }
  return !fraction || (bytes[start] !== ZERO && bytes[end - 1] !== ZERO);
}
