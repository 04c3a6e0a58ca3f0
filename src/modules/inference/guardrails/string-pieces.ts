import { AppError } from '../../../kernel/app-error.js';
import { BACKSLASH } from '../../../kernel/json-bytes.js';
import type { StringSpan } from './body-texts.js';

/** So many bytes of a string are decoded at once. */
export const pieceBytes = 16 * 1024;
/** A blank is looked for in so many bytes before the end of a piece, so that words stay whole. */
const blankBytes = 1024;
const SPACE = 0x20;
/** `u` of an escape by number, and how long that escape is. */
const NUMBERED = 0x75;
const numberedLength = 6;
const escapeLength = 2;

/**
 * The text of a JSON string in pieces, each whole in its characters and escapes.
 * @throws AppError invalid_request for an escape that JSON does not have.
 */
export function* piecesOf(bytes: Buffer, { start, end }: StringSpan): Generator<string> {
  const last = end - 1;
  for (let at = start + 1; at < last;) {
    const next = at + pieceBytes >= last ? last : cutBefore(bytes, at, at + pieceBytes);
    yield decoded(bytes, at, next);
    at = next;
  }
}

function decoded(bytes: Buffer, start: number, end: number): string {
  const raw = bytes.toString('utf8', start, end);
  if (!raw.includes('\\')) return raw;
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    throw new AppError('invalid_request', { message: 'Could not parse your JSON body: it is not valid JSON.' });
  }
}

/** A place near `end` that splits neither a character nor an escape; behind `start` in any case. */
function cutBefore(bytes: Buffer, start: number, end: number): number {
  const blank = bytes.subarray(end - blankBytes, end).lastIndexOf(SPACE);
  if (blank !== -1) return end - blankBytes + blank;
  let cut = end;
  while (cut > start && ((bytes[cut] as number) & 0xc0) === 0x80) cut -= 1;
  const back = bytes.subarray(cut - numberedLength, cut).lastIndexOf(BACKSLASH);
  if (back === -1) return cut;
  const slash = cut - numberedLength + back;
  let first = slash;
  while (first > start && bytes[first - 1] === BACKSLASH) first -= 1;
  // Of a run of backslashes every second one is escaped by the one before it.
  if ((slash - first) % 2 === 1) return cut;
  const length = bytes[slash + 1] === NUMBERED ? numberedLength : escapeLength;
  return slash + length <= cut ? cut : slash;
}
