import { COLON, OPEN_BRACE, QUOTE } from '../../../kernel/json-bytes.js';
import { byteClass, endOfString, OPEN, PLAIN, REFUSED, sameBytes, skipSpace, STRING } from './json-tokens.js';

/** What one walk over a chunk of a chat stream learns. */
interface ChatChunkFacts {
  modelStart: number;
  modelEnd: number;
  finishes: boolean;
  special: boolean;
  hasChoices: boolean;
}

const MODEL = Buffer.from('model');
const USAGE = Buffer.from('usage');
const ERROR = Buffer.from('error');
const CHOICES = Buffer.from('choices');
const FINISH_REASON = Buffer.from('finish_reason');

/** A longer common start is not worth keeping per stream. */
const MAX_PREFIX_BYTES = 1024;

/**
 * Walks over the JSON objects of one chat stream without parsing them. The chunks of a stream start alike up to the first
 * text: that start is remembered with what the walk knew at its end, and where the next chunk has the same bytes the walk
 * goes on from there. So the facts are exactly those of a full walk, at a third of the cost. Member names are taken as
 * written: a provider does not escape its own names.
 */
export class ChatChunkScanner implements ChatChunkFacts {
  /** The value of the top-level `model` with its quotes; both -1 when there is no such string. */
  modelStart = -1;
  modelEnd = -1;
  /** A `finish_reason` that is a non-empty string stands somewhere in it. */
  finishes = false;
  /** It has a usage object, something about an error, two models or no choices: its members must be scanned. */
  special = false;
  /** It has a member `choices`. */
  hasChoices = false;

  private prefix: Buffer | undefined;
  private prefixDepth = 0;
  private prefixModelStart = -1;
  private prefixModelEnd = -1;
  private prefixHasChoices = false;
  private lastOpen = 0;
  private lastOpenDepth = 0;
  private lastOpenHasChoices = false;

  /** Sets the facts from the object whose brace stands at `start`; says false when it does not close right before `end`. */
  scan(bytes: Buffer, start: number, end: number): boolean {
    this.finishes = this.special = false;
    const { prefix } = this;
    if (prefix !== undefined && prefix.length < end - start) {
      const resume = start + prefix.length;
      if (bytes.compare(prefix, 0, prefix.length, start, resume) === 0) {
        this.modelStart = this.prefixModelStart === -1 ? -1 : start + this.prefixModelStart;
        this.modelEnd = this.prefixModelStart === -1 ? -1 : start + this.prefixModelEnd;
        this.hasChoices = this.prefixHasChoices;
        if (!this.walk(bytes, resume, end, this.prefixDepth)) return false;
        if (!this.hasChoices) this.special = true;
        return true;
      }
    }
    this.modelStart = this.modelEnd = -1;
    this.hasChoices = false;
    if (!this.walk(bytes, start, end, 0)) return false;
    if (!this.hasChoices) this.special = true;
    if (!this.special && !this.finishes) this.learn(bytes, start);
    return true;
  }

  private walk(bytes: Buffer, from: number, end: number, depthThere: number): boolean {
    let depth = depthThere;
    let opening = true;
    let at = from;
    while (at < end) {
      const meaning = byteClass[bytes[at] as number] as number;
      if (meaning === PLAIN) at++;
      else if (meaning === STRING) {
        const quote = endOfString(bytes, at + 1, end);
        if (quote === -1) return false;
        const length = quote - at - 1;
        if (length === 5) {
          if (depth === 1) noteTopName(bytes, at + 1, quote, end, this);
          // In a choice, as a name or as its `finish_reason`.
          else if (depth === 3 && bytes[at + 1] === 0x65 && sameBytes(bytes, at + 1, quote, ERROR)) this.special = true;
        } else if (length === 7) {
          if (depth === 1 && !this.hasChoices && sameBytes(bytes, at + 1, quote, CHOICES)) this.hasChoices = true;
        } else if (length === 13 && bytes[at + 1] === 0x66) noteFinish(bytes, at + 1, quote, end, this);
        at = quote + 1;
      } else if (meaning === OPEN) {
        if (opening) {
          this.lastOpen = at;
          this.lastOpenDepth = depth;
          this.lastOpenHasChoices = this.hasChoices;
        }
        depth++;
        at++;
      } else if (meaning === REFUSED) return false;
      else {
        opening = false;
        at++;
        if (--depth === 0) return skipSpace(bytes, at, end) === end;
      }
    }
    return false;
  }

  /** The common start reaches to the last bracket that opened before any closed. */
  private learn(bytes: Buffer, start: number): void {
    const length = this.lastOpen - start;
    if (length === 0 || length > MAX_PREFIX_BYTES) return;
    const inside = this.modelStart !== -1 && this.modelEnd <= this.lastOpen;
    this.prefix = Buffer.from(bytes.subarray(start, this.lastOpen));
    this.prefixDepth = this.lastOpenDepth;
    this.prefixModelStart = inside ? this.modelStart - start : -1;
    this.prefixModelEnd = inside ? this.modelEnd - start : -1;
    this.prefixHasChoices = this.lastOpenHasChoices;
  }
}

function noteTopName(bytes: Buffer, start: number, quote: number, end: number, facts: ChatChunkFacts): void {
  const first = bytes[start];
  if (first === 0x65) {
    // As a value too: `"object":"error"` is how some servers say it.
    if (sameBytes(bytes, start, quote, ERROR)) facts.special = true;
  } else if (first === 0x75) {
    if (!sameBytes(bytes, start, quote, USAGE)) return;
    const value = valueAfter(bytes, quote, end);
    if (value !== -1 && bytes[value] === OPEN_BRACE) facts.special = true;
  } else if (first === 0x6d && sameBytes(bytes, start, quote, MODEL)) {
    const value = valueAfter(bytes, quote, end);
    if (value === -1 || bytes[value] !== QUOTE) return;
    if (facts.modelStart !== -1) facts.special = true;
    facts.modelStart = value;
    facts.modelEnd = endOfString(bytes, value + 1, end) + 1;
  }
}

function noteFinish(bytes: Buffer, start: number, quote: number, end: number, facts: ChatChunkFacts): void {
  if (!sameBytes(bytes, start, quote, FINISH_REASON)) return;
  const value = valueAfter(bytes, quote, end);
  if (value !== -1 && bytes[value] === QUOTE && bytes[value + 1] !== QUOTE) facts.finishes = true;
}

/** Where the value of the name that ends at `quote` starts; -1 when no colon follows, so that it is no name. */
function valueAfter(bytes: Buffer, quote: number, end: number): number {
  const colon = skipSpace(bytes, quote + 1, end);
  if (colon >= end || bytes[colon] !== COLON) return -1;
  const value = skipSpace(bytes, colon + 1, end);
  return value < end ? value : -1;
}
