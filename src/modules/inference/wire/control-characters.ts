import { QUOTE } from '../../../kernel/json-bytes.js';
import { endOfString } from './json-tokens.js';

/** Up to here a loop over bytes beats a view of words. */
const SHORT_BYTES = 64;

/**
 * The index of a raw control character within a string of a scanned JSON document, or -1: JSON allows none there. Line ends
 * between tokens are fine. One pass over whole words tells documents without any control character.
 */
export function controlInString(bytes: Buffer): number {
  if (!holdsControl(bytes, 0, bytes.length)) return -1;
  for (let at = bytes.indexOf(QUOTE); at !== -1;) {
    const quote = endOfString(bytes, at + 1, bytes.length);
    if (quote === -1) return -1;
    if (holdsControl(bytes, at + 1, quote)) return firstControl(bytes, at + 1, quote);
    at = bytes.indexOf(QUOTE, quote + 1);
  }
  return -1;
}

/** Whether a byte below a blank stands from `start` up to `end`. */
function holdsControl(bytes: Buffer, start: number, end: number): boolean {
  if (end - start <= SHORT_BYTES) return firstControl(bytes, start, end) !== -1;
  const offset = bytes.byteOffset + start;
  const skew = -offset & 3;
  const words = new Int32Array(bytes.buffer, offset + skew, (end - start - skew) >> 2);
  const whole = words.length & ~3;
  for (let at = 0; at < whole; at += 4) {
    const a = words[at] as number;
    const b = words[at + 1] as number;
    const c = words[at + 2] as number;
    const d = words[at + 3] as number;
    // Of each byte only the highest bit is kept: it is set where taking a blank away borrows, and was not set before.
    const low = ((a - 0x20202020) & ~a) | ((b - 0x20202020) & ~b) | ((c - 0x20202020) & ~c) | ((d - 0x20202020) & ~d);
    if ((low & 0x80808080) !== 0) return true;
  }
  return firstControl(bytes, start, start + skew) !== -1 || firstControl(bytes, start + skew + 4 * whole, end) !== -1;
}

function firstControl(bytes: Buffer, start: number, end: number): number {
  for (let at = start; at < end; at++) if ((bytes[at] as number) < 0x20) return at;
  return -1;
}
