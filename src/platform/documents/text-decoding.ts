import { isUtf8 } from 'node:buffer';
import { analyse } from 'chardet';
import iconv from 'iconv-lite';

const sampleBytes = 64 * 1024;

/** Control characters for each other one that a text may have, and the length from which one is allowed in any case. */
const controlShare = 0.02;
const fewestLetters = 16;
const strangeShare = 0.005;
/** In UTF-16 half of the bytes of plain letters are zero. */
const plainZeroShare = 0.3;

/** Shares of valid characters from which a text with bad bytes is UTF-8, also where it calls itself something else. */
const fewestValid = 0.6;
const fewestValidAgainstDeclared = 0.9;

/** Byte-order marks; the longer ones first, as UTF-32's begins like UTF-16's. */
const marks: readonly (readonly [encoding: string, bytes: readonly number[]])[] = [
  ['utf-32le', [0xff, 0xfe, 0, 0]],
  ['utf-32be', [0, 0, 0xfe, 0xff]],
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/** What files that name the left encoding really hold (the WHATWG's table). */
const widened: Readonly<Record<string, string>> = {
  'iso-8859-1': 'windows-1252',
  'iso-8859-9': 'windows-1254',
  'iso-8859-8-i': 'iso-8859-8',
  'us-ascii': 'windows-1252',
  ascii: 'windows-1252',
  shift_jis: 'windows-31j',
  'euc-kr': 'cp949',
};

/**
 * The encoding of a text, judged by its bytes; undefined when they are no text. `declared` is what the text says of
 * itself (HTML); marks and valid UTF-8 count more. `bytes` may be the beginning of a longer text.
 */
export function encodingOf(bytes: Uint8Array, declared?: string): string | undefined {
  const marked = marks.find(([, mark]) => mark.every((byte, index) => bytes[index] === byte));
  if (marked !== undefined) return marked[0];
  const wide = wideEncoding(bytes.subarray(0, sampleBytes));
  if (wide !== undefined) return wide;
  if (isBinary(bytes)) return undefined;
  if (hasJapaneseEscapes(bytes)) return 'iso-2022-jp';
  if (isUtf8(withoutCutEnd(bytes))) return 'utf-8';
  const told = declaredEncoding(declared);
  if (utf8Share(bytes) >= (told === undefined ? fewestValid : fewestValidAgainstDeclared)) return 'utf-8';
  return told ?? guessedEncoding(bytes.subarray(0, sampleBytes));
}

/** The text in the given encoding, without its mark; line ends as they are. */
export function decodeText(bytes: Buffer, encoding: string): string {
  // iconv-lite does not know ISO-2022-JP, ICU does.
  if (encoding === 'iso-2022-jp') return new TextDecoder(encoding).decode(bytes);
  return iconv.decode(bytes, encoding);
}

/** UTF-16 and UTF-32 without a mark: zero bytes stand at the same places of each unit, and it all makes sense. */
function wideEncoding(bytes: Uint8Array): string | undefined {
  const encoding = bytes.length >= 4 && bytes.includes(0) ? patternOfZeros(bytes) : undefined;
  if (encoding === undefined) return undefined;
  const text = iconv.decode(Buffer.from(bytes), encoding).slice(0, -2);
  const strange = text.match(/[\u0000-\u0008\u000e-\u0019\ufffd-\uffff]/g)?.length ?? 0;
  return strange > text.length * strangeShare ? undefined : encoding;
}

function patternOfZeros(bytes: Uint8Array): string | undefined {
  const zeros = [0, 0, 0, 0];
  let strange = 0;
  for (const [index, byte] of bytes.entries()) {
    if (byte === 0) zeros[index % 4] = (zeros[index % 4] ?? 0) + 1;
    else if (byte >= 0x80 || (byte < 32 && !(byte >= 9 && byte <= 13))) strange += 1;
  }
  // A few zero bytes among plain letters are accidents.
  if (strange === 0 && zeros.reduce((sum, count) => sum + count, 0) < bytes.length * plainZeroShare) return undefined;
  const [first = 0, second = 0, third = 0, fourth = 0] = zeros.map((count) => count / (bytes.length / 4));
  if (first > 0.9 && second > 0.9 && fourth < 0.1) return 'utf-32be';
  if (third > 0.9 && fourth > 0.9 && first < 0.1) return 'utf-32le';
  if (first + third > 0.2 && second + fourth === 0) return 'utf-16be';
  if (second + fourth > 0.2 && first + third === 0) return 'utf-16le';
  return undefined;
}

/**
 * Whether there are more control characters than a text gets by accident. Tab, line ends, form feed, the old end mark
 * and escape are none; a row of zero bytes, as a log has where it was cut while it was written, counts once.
 */
function isBinary(bytes: Uint8Array): boolean {
  let controls = 0;
  let others = 0;
  let previous = -1;
  for (const byte of bytes) {
    if (byte >= 32 || (byte >= 9 && byte <= 13) || byte === 26 || byte === 27) others += 1;
    else if (byte !== 0 || previous !== 0) controls += 1;
    previous = byte;
  }
  return controls > Math.max(others * controlShare, others >= fewestLetters ? 1 : 0);
}

function hasJapaneseEscapes(bytes: Uint8Array): boolean {
  return /\u001b(\$[@B]|\(J)/.test(Buffer.from(bytes.subarray(0, sampleBytes)).toString('latin1'));
}

/**
 * The share of the bytes beyond ASCII that stand in valid UTF-8 characters. Texts in other encodings form some by
 * accident, but never many.
 */
function utf8Share(bytes: Uint8Array): number {
  let valid = 0;
  let bad = 0;
  for (let at = 0; at < bytes.length;) {
    const length = utf8Length(bytes, at);
    if (length > 1) valid += length;
    else if (length === 0) bad += 1;
    at += Math.max(1, length);
  }
  return valid + bad === 0 ? 1 : valid / (valid + bad);
}

/** Bytes of the UTF-8 character at a place; 0 when there is none. */
function utf8Length(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  for (let next = at + 1; next < at + length; next += 1) if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}

/** Without a last character whose bytes are not all there. */
function withoutCutEnd(bytes: Uint8Array): Uint8Array {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes;
    if (byte >= 0xc0) return bytes.subarray(0, bytes.length - back);
  }
  return bytes;
}

function declaredEncoding(declared: string | undefined): string | undefined {
  const name = declared?.toLowerCase();
  if (name === undefined || /^utf-?(8|16|32)/.test(name) || !iconv.encodingExists(name)) return undefined;
  return widened[name] ?? name;
}

/** Encodings of two bytes a character, into which a few letters of the west can fall by accident. */
const twoByte = new Set(['windows-31j', 'euc-jp', 'gb18030', 'big5', 'cp949']);
const fewBytes = 6;

/** The likeliest encoding in which the sample makes sense: no byte without a meaning, no control character. */
function guessedEncoding(sample: Uint8Array): string {
  const isMostlyAscii =
    sample.filter((byte) => byte >= 0x80).length < fewBytes && sample.some((byte) => byte >= 0x41 && byte < 0x80);
  for (const { name } of analyse(sample)) {
    const encoding = widened[name.toLowerCase()] ?? name.toLowerCase();
    if (encoding === 'utf-8' || !iconv.encodingExists(encoding) || (isMostlyAscii && twoByte.has(encoding))) continue;
    // A character that is cut at the end of the sample is no sign against the encoding.
    if (!/[\ufffd\u0080-\u009f]/.test(iconv.decode(Buffer.from(sample), encoding).slice(0, -2))) return encoding;
  }
  return 'windows-1252';
}
