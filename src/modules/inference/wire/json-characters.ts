import { BACKSLASH } from '../../../kernel/json-bytes.js';

/** `u` of an escape by number. */
const numbered = 0x75;

/** How many characters (code points) a JSON string has, its quotes at `start` and before `end`, without decoding it. */
export function charactersOf(bytes: Buffer, start: number, end: number): number {
  let count = 0;
  for (let at = start + 1; at < end - 1; at++) {
    const byte = bytes[at] as number;
    if (byte === BACKSLASH) {
      at += 1;
      if (bytes[at] === numbered) {
        at += 4;
        if (isLowHalf(bytes, at - 3)) continue;
      }
      count += 1;
    } else if ((byte & 0xc0) !== 0x80) count += 1;
  }
  return count;
}

/** The second half of a character that is written as two escapes. */
function isLowHalf(bytes: Buffer, at: number): boolean {
  return /^d[c-f]/i.test(bytes.toString('latin1', at, at + 2));
}
