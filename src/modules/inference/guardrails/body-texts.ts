import { CLOSE_BRACE, CLOSE_BRACKET, COLON, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } from '../../../kernel/json-bytes.js';
import { parsedOrUndefined } from '../../../kernel/parse-json.js';
import { endOfString, skipSpace } from '../wire/json-tokens.js';
import { readingOf, type Reading } from './unread-members.js';

/** A string of a body, its quotes included, in bytes; the end is exclusive. */
export interface StringSpan {
  readonly start: number;
  readonly end: number;
}

/** Longer names are no names of the API. */
const longestName = 256;
/** Between two pauses so many tokens are read. */
const tokensAtOnce = 2_048;

const readings: readonly Reading[] = ['all', 'nothing', 'no label'];
const objectBit = 4;

/**
 * The strings of a scanned JSON object that are texts for a model, in their order, in steps: undefined where nothing was found
 * for long. Nothing is built, the memory needed is a byte for each open bracket. Numbers within `input` and `prompt` are counted:
 * they are tokens.
 */
export class BodyTexts {
  /** Numbers that stand for tokens. */
  tokens = 0;
  /** Of each open bracket: how it is read, and whether it is an object. */
  private open = new Uint8Array(64);
  private depth = 0;
  private next: Reading = 'all';
  private isPrompt = false;

  constructor(private readonly bytes: Buffer) {}

  *strings(): Generator<StringSpan | undefined> {
    const { bytes } = this;
    let passed = 0;
    for (let at = skipSpace(bytes, 0, bytes.length); at < bytes.length; at = skipSpace(bytes, at, bytes.length)) {
      if ((passed += 1) % tokensAtOnce === 0) yield undefined;
      const byte = bytes[at];
      if (byte === QUOTE) {
        const quote = endOfString(bytes, at + 1, bytes.length);
        const end = quote === -1 ? bytes.length : quote + 1;
        const colon = this.inObject() ? skipSpace(bytes, end, bytes.length) : bytes.length;
        const isName = bytes[colon] === COLON;
        if (isName) this.name(at, end);
        else if (this.take() === 'all') yield { start: at, end };
        at = isName ? colon + 1 : end;
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        this.enter(byte === OPEN_BRACE);
        at += 1;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        this.depth = Math.max(0, this.depth - 1);
        at += 1;
      } else if (byte === COMMA || byte === COLON) at += 1;
      else at = this.plain(at);
    }
  }

  private name(start: number, end: number): void {
    const reading = readings[this.top() & 3] ?? 'all';
    const name = end - start > longestName ? '' : parsedOrUndefined(this.bytes.toString('utf8', start, end));
    const isTop = this.depth === 1;
    if (isTop) this.isPrompt = name === 'input' || name === 'prompt';
    this.next = reading === 'nothing' ? 'nothing' : readingOf(typeof name === 'string' ? name : '', isTop);
  }

  private enter(isObject: boolean): void {
    const reading = this.take();
    if (this.depth === this.open.length) {
      const larger = new Uint8Array(2 * this.depth);
      larger.set(this.open);
      this.open = larger;
    }
    // The members of an object under a label have names of their own.
    const inside = isObject && reading === 'no label' ? 'all' : reading;
    this.open[this.depth] = readings.indexOf(inside) | (isObject ? objectBit : 0);
    this.depth += 1;
  }

  private plain(start: number): number {
    const { bytes } = this;
    const first = bytes[start] ?? 0;
    let at = start + 1;
    while (at < bytes.length && isOfPlain(bytes[at] as number)) at += 1;
    const isNumber = first === 0x2d || (first >= 0x30 && first <= 0x39);
    if (isNumber && this.isPrompt && this.depth > 1 && this.depth <= 3 && !this.inObject()) this.tokens += 1;
    this.take();
    return at;
  }

  /** How the value that begins here is read. */
  private take(): Reading {
    if (this.depth > 0 && !this.inObject()) return readings[this.top() & 3] ?? 'all';
    const { next } = this;
    this.next = 'all';
    return next;
  }

  private inObject(): boolean {
    return (this.top() & objectBit) !== 0;
  }

  private top(): number {
    return this.depth === 0 ? 0 : (this.open[this.depth - 1] as number);
  }
}

function isOfPlain(byte: number): boolean {
  if (byte <= 0x20 || byte === COMMA || byte === COLON || byte === QUOTE) return false;
  return byte !== OPEN_BRACE && byte !== CLOSE_BRACE && byte !== OPEN_BRACKET && byte !== CLOSE_BRACKET;
}
