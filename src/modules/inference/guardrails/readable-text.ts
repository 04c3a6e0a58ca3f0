/** What a matcher reads of a text; a string is one. */
export interface ReadableText {
  readonly length: number;
  charCodeAt(at: number): number;
}

/** A part of a text, in UTF-16 units; the end is exclusive. */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
}

const ZERO = 0x30;
const NINE = 0x39;
const UNDERSCORE = 0x5f;
/** Of ASCII, a capital letter and its small one differ by this bit. */
const SMALL = 0x20;
/** The letters of Latin scripts beyond ASCII, but for two signs among them. */
const FIRST_ACCENTED = 0xc0;
const LAST_ACCENTED = 0x24f;
const TIMES = 0xd7;
const DIVIDED = 0xf7;

export function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

/** A letter of ASCII. */
export function isPlainLetter(code: number): boolean {
  const small = code | SMALL;
  return small >= 0x61 && small <= 0x7a;
}

/** A letter of a Latin script, with an accent or without. */
export function isLatinLetter(code: number): boolean {
  if (isPlainLetter(code)) return true;
  return code >= FIRST_ACCENTED && code <= LAST_ACCENTED && code !== TIMES && code !== DIVIDED;
}

/** What stands within a word, so that a number beside it is a part of something longer. */
export function isOfWord(code: number): boolean {
  return isDigit(code) || code === UNDERSCORE || isLatinLetter(code);
}

/** The character at the place; 0 beyond both ends. */
export function codeAt(text: ReadableText, at: number): number {
  return at < 0 || at >= text.length ? 0 : text.charCodeAt(at);
}
