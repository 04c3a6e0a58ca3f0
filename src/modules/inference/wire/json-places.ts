import { AppError } from '../../../kernel/app-error.js';
import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
} from '../../../kernel/json-bytes.js';
import { findMember, readMember } from './json-body.js';
import { scanObjectAt } from './json-scan.js';
import { byteClass, endOfString, OPEN, PLAIN, sameBytes, skipSpace, STRING } from './json-tokens.js';

/** A position in a JSON document at which something is looked for, and the ways on from there. */
export interface Place<Kind> {
  /** A string here is reported as this. */
  readonly holds?: Kind;
  /** Only where the object in which it stands has this `type`. */
  readonly ofType?: string;
  /** Where the value is an object: the members that lead on. */
  readonly members?: readonly Way<Kind>[];
  /** Where the value is an object: the way for all other members. */
  readonly others?: Place<Kind>;
  /** Where the value is an array: the way for each element. */
  readonly elements?: Place<Kind>;
}

/** A member that leads on. */
interface Way<Kind> {
  readonly name: string;
  readonly bytes: Buffer;
  readonly place: Place<Kind>;
}

/** The place of an object with these members. */
export function membersAt<Kind>(places: Readonly<Record<string, Place<Kind>>>): Place<Kind> {
  return { members: Object.entries(places).map(([name, place]) => ({ name, bytes: Buffer.from(name), place })) };
}

/** Hears of each string that was looked for, and where it stands in the way that clients write it; says whether to go on. */
type Report<Kind> = (kind: Kind, value: string, place: () => string) => boolean;

/**
 * Walks to the places in the JSON object that opens at `start`, over the bytes and past everything that leads to none.
 * The bytes must have been scanned: brackets match and nesting is bounded. Linear in the bytes; nothing is parsed but
 * what is reported. @throws AppError invalid_request where something on the way is not valid JSON.
 */
export function walkPlaces<Kind>(bytes: Buffer, start: number, place: Place<Kind>, report: Report<Kind>): void {
  new Walk(bytes, report).value(start, place);
}

class Walk<Kind> {
  private readonly path: (string | number)[] = [];
  private over = false;

  constructor(
    private readonly bytes: Buffer,
    private readonly report: Report<Kind>,
  ) {}

  /** Looks at the value that begins at `at`; gives the index behind it, or anything once the walk is over. */
  value(at: number, place: Place<Kind>): number {
    const first = this.bytes[at];
    if (first === OPEN_BRACE && (place.members !== undefined || place.others !== undefined)) return this.object(at, place);
    if (first === OPEN_BRACKET && place.elements !== undefined) return this.array(at, place.elements);
    const end = endOfValue(this.bytes, at);
    if (first === QUOTE && place.holds !== undefined)
      this.over = !this.report(place.holds, parsed(this.bytes, at, end), () => said(this.path));
    return end;
  }

  private object(start: number, place: Place<Kind>): number {
    const { bytes } = this;
    let type: string | undefined;
    let at = skipSpace(bytes, start + 1, bytes.length);
    if (bytes[at] === CLOSE_BRACE) return at + 1;
    for (;;) {
      const quote = bytes[at] === QUOTE ? endOfString(bytes, at + 1, bytes.length) : -1;
      const colon = skipSpace(bytes, quote + 1, bytes.length);
      if (quote === -1 || bytes[colon] !== COLON) throw notJson();
      const value = skipSpace(bytes, colon + 1, bytes.length);
      const way = wayAt(bytes, at, quote, place.members ?? []);
      let next = way?.place ?? place.others;
      if (next?.ofType !== undefined && (type ??= typeAt(bytes, start, next.ofType)) !== next.ofType) next = undefined;
      if (next === undefined) at = endOfValue(bytes, value);
      else {
        this.path.push(way?.name ?? parsed(bytes, at, quote + 1));
        at = this.value(value, next);
        if (this.over) return at;
        this.path.pop();
      }
      at = skipSpace(bytes, at, bytes.length);
      if (bytes[at] === CLOSE_BRACE) return at + 1;
      if (bytes[at] !== COMMA) throw notJson();
      at = skipSpace(bytes, at + 1, bytes.length);
    }
  }

  private array(start: number, place: Place<Kind>): number {
    const { bytes } = this;
    let at = skipSpace(bytes, start + 1, bytes.length);
    if (bytes[at] === CLOSE_BRACKET) return at + 1;
    for (let index = 0; ; index++) {
      this.path.push(index);
      at = this.value(at, place);
      if (this.over) return at;
      this.path.pop();
      at = skipSpace(bytes, at, bytes.length);
      if (bytes[at] === CLOSE_BRACKET) return at + 1;
      if (bytes[at] !== COMMA) throw notJson();
      at = skipSpace(bytes, at + 1, bytes.length);
    }
  }
}

/** The way that the name between these quotes leads; escapes are resolved. */
function wayAt<Kind>(bytes: Buffer, open: number, quote: number, ways: readonly Way<Kind>[]): Way<Kind> | undefined {
  for (const way of ways) if (sameBytes(bytes, open + 1, quote, way.bytes)) return way;
  for (let at = open + 1; at < quote; at++) {
    if (bytes[at] !== BACKSLASH) continue;
    const name = parsed(bytes, open, quote + 1);
    return ways.find((way) => way.name === name);
  }
  return undefined;
}

/** The `type` of the object that opens at `start`; `unless` where that cannot be told. */
function typeAt(bytes: Buffer, start: number, unless: string): string {
  const scan = scanObjectAt(bytes, start);
  if (!scan.ok) return unless;
  const member = findMember(scan, 'type');
  return member?.kind === 'string' ? String(readMember(bytes, member)) : '';
}

/** The index behind the value that begins at `at`. */
function endOfValue(bytes: Buffer, at: number): number {
  const first = byteClass[bytes[at] ?? 0];
  if (first === STRING) return endOfStringAt(bytes, at);
  if (first === OPEN) return endOfContainer(bytes, at);
  if (first !== PLAIN) throw notJson();
  let end = at;
  while (end < bytes.length && byteClass[bytes[end] as number] === PLAIN && bytes[end] !== COMMA) end++;
  return end;
}

function endOfContainer(bytes: Buffer, start: number): number {
  let depth = 0;
  for (let at = start; at < bytes.length;) {
    const meaning = byteClass[bytes[at] as number] as number;
    if (meaning === STRING) at = endOfStringAt(bytes, at);
    else {
      at++;
      if (meaning === PLAIN) continue;
      depth += meaning === OPEN ? 1 : -1;
      if (depth === 0) return at;
    }
  }
  throw notJson();
}

function endOfStringAt(bytes: Buffer, open: number): number {
  const quote = endOfString(bytes, open + 1, bytes.length);
  if (quote === -1) throw notJson();
  return quote + 1;
}

function parsed(bytes: Buffer, start: number, end: number): string {
  try {
    return JSON.parse(bytes.toString('utf8', start, end)) as string;
  } catch {
    throw notJson();
  }
}

function said(path: readonly (string | number)[]): string {
  return path.map((step, at) => (typeof step === 'number' ? `[${step}]` : at === 0 ? step : `.${step}`)).join('');
}

function notJson(): AppError {
  return new AppError('invalid_request', { message: 'Could not parse your JSON body: it is not valid JSON.' });
}
