import { BACKSLASH } from '../../../kernel/json-bytes.js';
import { sameBytes } from './json-tokens.js';

/** `\u0066` for `f`: the longest that one ASCII character of a name can be written in JSON. */
const LONGEST_ESCAPE_BYTES = 6;

/**
 * A set of member names (lower-case ASCII letters and `_`) that a scan looks out for at every depth, so that the
 * question "may one of these stand in the body?" costs next to nothing. It may say yes wrongly (the name as a string
 * value, an escape in another word); it never says no wrongly.
 */
export class WatchedNames {
  private readonly byLength: (Buffer[] | undefined)[] = [];
  private readonly shortestHidden: number;
  /** Longer strings cannot be one of the names, however they are escaped. */
  readonly longestBytes: number;

  constructor(names: readonly string[]) {
    for (const name of names) {
      if (!/^[a-z_]+$/.test(name)) throw new Error(`a watched name is lower-case ASCII letters and _: ${name}`);
      (this.byLength[name.length] ??= []).push(Buffer.from(name));
    }
    this.shortestHidden = Math.min(...names.map((name) => name.length)) + LONGEST_ESCAPE_BYTES - 1;
    this.longestBytes = (this.byLength.length - 1) * LONGEST_ESCAPE_BYTES;
  }

  /** Says whether the inside of a string, `start` up to `end`, is one of the names or might be one in disguise. */
  mayBe(bytes: Buffer, start: number, end: number): boolean {
    const length = end - start;
    const candidates = this.byLength[length];
    if (candidates !== undefined) {
      for (const name of candidates) if (sameBytes(bytes, start, end, name)) return true;
    }
    if (length < this.shortestHidden || length > this.longestBytes) return false;
    for (let at = start; at < end; at++) {
      if (bytes[at] !== BACKSLASH) continue;
      if (escapesLetter(bytes, at)) return true;
      at++;
    }
    return false;
  }
}

/** `\u005f`, `\u006x` and `\u007x` are the only escapes that can stand for a character of a watched name. */
function escapesLetter(bytes: Buffer, at: number): boolean {
  if (bytes[at + 1] !== 0x75 || bytes[at + 2] !== 0x30 || bytes[at + 3] !== 0x30) return false;
  const high = bytes[at + 4];
  return high === 0x36 || high === 0x37 || (high === 0x35 && (bytes[at + 5] === 0x66 || bytes[at + 5] === 0x46));
}
