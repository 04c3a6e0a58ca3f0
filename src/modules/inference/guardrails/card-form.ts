import type { DigitGroup } from './number-run.js';

/** In which groups numbers of cards are written: four by four, as on American Express and Diners, or without a gap. */
const shapes = new Set(['4444', '44443', '465', '464', '445', '13', '14', '15', '16', '17', '18', '19']);

/** True for the groups of a card's number: 13 to 19 digits, of a kind that is issued, whose check digit is right (Luhn). */
export function isCard(groups: readonly DigitGroup[]): boolean {
  if (!shapes.has(groups.map(({ digits }) => String(digits.length)).join(''))) return false;
  if (groups.some(({ lead }, at) => (at === 0 ? lead !== '' : !/^[ \u00a0-]$/.test(lead)))) return false;
  const digits = groups.map((group) => group.digits).join('');
  return digits.length >= 13 && /^[2-6]/.test(digits) && passesLuhn(digits);
}

/** Every second digit from the right counts twice, and of two digits their sum: all together is a multiple of ten. */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let at = digits.length - 1, isTwice = false; at >= 0; at -= 1, isTwice = !isTwice) {
    const digit = digits.charCodeAt(at) - 0x30;
    const counted = isTwice ? 2 * digit : digit;
    sum += counted > 9 ? counted - 9 : counted;
  }
  return sum % 10 === 0;
}
