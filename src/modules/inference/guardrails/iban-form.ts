import { codeAt, isDigit, isOfWord, isPlainLetter, type ReadableText, type TextSpan } from './readable-text.js';

/** How many characters an account number has, by the country (ISO 13616). */
const lengths: Readonly<Record<string, number>> = {
  ...{ AD: 24, AE: 23, AL: 28, AT: 20, AZ: 28, BA: 20, BE: 16, BG: 22, BH: 22, BI: 27, BR: 29, BY: 28, CH: 21, CR: 22 },
  ...{ CY: 28, CZ: 24, DE: 22, DJ: 27, DK: 18, DO: 28, EE: 20, EG: 29, ES: 24, FI: 18, FK: 18, FO: 18, FR: 27, GB: 22 },
  ...{ GE: 22, GI: 23, GL: 18, GR: 27, GT: 28, HR: 21, HU: 28, IE: 22, IL: 23, IQ: 23, IS: 26, IT: 27, JO: 30, KW: 30 },
  ...{ KZ: 20, LB: 28, LC: 32, LI: 21, LT: 20, LU: 20, LV: 21, LY: 25, MC: 27, MD: 24, ME: 22, MK: 19, MN: 20, MR: 27 },
  ...{ MT: 31, MU: 30, NI: 28, NL: 18, NO: 15, OM: 23, PK: 24, PL: 28, PS: 29, PT: 25, QA: 29, RO: 24, RS: 22, RU: 33 },
  ...{ SA: 24, SC: 31, SD: 18, SE: 24, SI: 19, SK: 24, SM: 27, SO: 23, ST: 25, SV: 28, TL: 23, TN: 24, TR: 26, UA: 29 },
  ...{ VA: 22, VG: 24, XK: 20, YE: 30 },
};

const SPACE = 0x20;
/** Capital and small letters of ASCII differ by this bit. */
const SMALL = 0x20;
const FIRST_LETTER = 0x61;
const NO_BREAK_SPACE = 0xa0;
const HYPHEN = 0x2d;
const AT = 0x40;
/** The country and two check digits. */
const headLength = 4;
const modulus = 97;

/**
 * The account number (IBAN) that begins at `start`; undefined where there is none. It has its country's length, single spaces
 * or hyphens may stand between its characters, and its check digits are right.
 */
export function ibanAt(text: ReadableText, start: number): TextSpan | undefined {
  if (isOfWord(codeAt(text, start - 1)) || !isPlainLetter(codeAt(text, start)) || !isPlainLetter(codeAt(text, start + 1)))
    return undefined;
  if (!isDigit(codeAt(text, start + 2)) || !isDigit(codeAt(text, start + 3))) return undefined;
  const length = lengths[String.fromCharCode(text.charCodeAt(start), text.charCodeAt(start + 1)).toUpperCase()];
  if (length === undefined) return undefined;
  const head = [0, 1, 2, 3].map((place) => text.charCodeAt(start + place));
  let rest = 0;
  let at = start + headLength;
  for (let read = headLength; read < length; read += 1, at += 1) {
    if (isSeparator(codeAt(text, at))) at += 1;
    const code = codeAt(text, at);
    if (!isDigit(code) && !isPlainLetter(code)) return undefined;
    rest = withCharacter(rest, code);
  }
  const next = codeAt(text, at);
  if (isOfWord(next) || next === AT) return undefined;
  return head.reduce(withCharacter, rest) === 1 ? { start, end: at } : undefined;
}

/** The remainder of a number to which a character is put: letters count from 10 on. */
function withCharacter(rest: number, code: number): number {
  if (isDigit(code)) return (rest * 10 + code - 0x30) % modulus;
  return (rest * 100 + (code | SMALL) - FIRST_LETTER + 10) % modulus;
}

function isSeparator(code: number): boolean {
  return code === SPACE || code === NO_BREAK_SPACE || code === HYPHEN;
}
