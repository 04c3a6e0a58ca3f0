import { CLOSE_BRACE, CLOSE_BRACKET, COLON, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } from '../../../kernel/json-bytes.js';
import { parsedOrUndefined } from '../../../kernel/parse-json.js';
import { endOfString, skipSpace } from '../wire/json-tokens.js';

/** What a reader wants of a value: 0 is nothing; the other numbers are its own. */
export type Interest = number;
export const NOTHING: Interest = 0;

/** Whoever reads a JSON text without having it parsed. Spans are byte offsets, ends exclusive. */
export interface JsonReader {
  /** The interest in an object's member or, without a name, in an array's element. Long names are given as ''. */
  inside(outer: Interest, name: string | undefined): Interest;
  /** A string of interest, its quotes included. */
  onString(interest: Interest, start: number, end: number): void;
  /** A number, `true`, `false` or `null` of interest. */
  onPlain(interest: Interest, start: number, end: number): void;
  /** An object or array of interest; true when it was taken as a whole and nothing inside is to be read. */
  onContainer?(interest: Interest, start: number, end: () => number): boolean;
}

/** Names of interest are shorter. */
const longestName = 64;

/**
 * Reads a JSON text from its bytes. Nothing is built of it: the memory needed is a byte for each open bracket, the time
 * grows with the bytes alone, and nothing is thrown. A text that is cut or broken is read as far as it makes sense.
 */
export function readJson(bytes: Buffer, interest: Interest, reader: JsonReader): void {
  new Walk(bytes, reader).run(interest);
}

class Walk {
  /** Of each open bracket: the interest in it, doubled, and 1 for an object. */
  private open = new Uint8Array(256);
  private depth = 0;
  private at = 0;
  private next: Interest = NOTHING;

  constructor(
    private readonly bytes: Buffer,
    private readonly reader: JsonReader,
  ) {}

  run(interest: Interest): void {
    const { bytes } = this;
    this.next = interest;
    for (this.at = skipSpace(bytes, 0, bytes.length); this.at < bytes.length; this.at = skipSpace(bytes, this.at, bytes.length)) {
      const byte = bytes[this.at];
      if (byte === QUOTE) {
        if (!this.string()) return;
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.enter(byte === OPEN_BRACE);
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) this.leave();
      else if (byte === COMMA || byte === COLON) this.at += 1;
      else this.plain();
    }
  }

  /** @returns false when the string has no end. */
  private string(): boolean {
    const { bytes, at, depth, reader } = this;
    const quote = endOfString(bytes, at + 1, bytes.length);
    const end = quote === -1 ? bytes.length : quote + 1;
    const top = depth === 0 ? 0 : (this.open[depth - 1] ?? 0);
    const colon = (top & 1) === 1 ? skipSpace(bytes, end, bytes.length) : bytes.length;
    this.at = end;
    if (bytes[colon] === COLON) {
      this.at = colon + 1;
      const outer = top >> 1;
      const name = outer === NOTHING ? '' : nameOf(bytes, at, end);
      this.next = outer === NOTHING ? NOTHING : reader.inside(outer, name);
    } else {
      const interest = this.take();
      if (interest !== NOTHING) reader.onString(interest, at, end);
    }
    return quote !== -1;
  }

  private enter(isObject: boolean): void {
    const { at, depth, reader } = this;
    const interest = this.take();
    if (interest !== NOTHING && reader.onContainer?.(interest, at, () => endOfContainer(this.bytes, at)) === true) {
      this.at = endOfContainer(this.bytes, at);
      return;
    }
    this.at += 1;
    if (depth === this.open.length) {
      const larger = new Uint8Array(2 * depth);
      larger.set(this.open);
      this.open = larger;
    }
    this.open[depth] = (interest << 1) | (isObject ? 1 : 0);
    this.depth += 1;
  }

  private leave(): void {
    this.at += 1;
    if (this.depth > 0) this.depth -= 1;
    this.next = NOTHING;
  }

  private plain(): void {
    const { bytes, at } = this;
    const end = endOfPlain(bytes, at);
    this.at = end;
    const interest = this.take();
    if (interest !== NOTHING) this.reader.onPlain(interest, at, end);
  }

  /** The interest in the value that begins here. */
  private take(): Interest {
    const top = this.depth === 0 ? undefined : this.open[this.depth - 1];
    if (top === undefined || (top & 1) === 1) {
      const { next } = this;
      this.next = NOTHING;
      return next;
    }
    const outer = top >> 1;
    return outer === NOTHING ? NOTHING : this.reader.inside(outer, undefined);
  }
}

/** The text of a string given with its quotes, as far as its escapes are sound. */
export function textOf(bytes: Buffer, start: number, end: number): string {
  const isClosed = end - start > 1 && bytes[end - 1] === QUOTE;
  const raw = bytes.toString('utf8', start + 1, isClosed ? end - 1 : end);
  return raw.includes('\\') ? ((parsedOrUndefined(`"${raw}"`) ?? raw) as string) : raw;
}

function nameOf(bytes: Buffer, start: number, end: number): string {
  return end - start > longestName ? '' : textOf(bytes, start, end);
}

function endOfPlain(bytes: Buffer, from: number): number {
  let at = from + 1;
  while (at < bytes.length && !isStructure(bytes[at])) at += 1;
  return at;
}

function isStructure(byte: number | undefined): boolean {
  if (byte === undefined || byte <= 0x20 || byte === COMMA || byte === COLON || byte === QUOTE) return true;
  return byte === OPEN_BRACE || byte === CLOSE_BRACE || byte === OPEN_BRACKET || byte === CLOSE_BRACKET;
}

/** The end of the object or array that begins at `start`, whatever its brackets are; the end of the bytes when it is cut. */
function endOfContainer(bytes: Buffer, start: number): number {
  let depth = 0;
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      const quote = endOfString(bytes, at + 1, bytes.length);
      if (quote === -1) return bytes.length;
      at = quote;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
    else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --depth === 0) return at + 1;
  }
  return bytes.length;
}
