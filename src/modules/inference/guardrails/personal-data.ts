import type { PersonalDataKind } from '../../../contracts/prompt-policy.js';
import { isCard } from './card-form.js';
import { emailAround } from './email-form.js';
import { ibanAt } from './iban-form.js';
import { groupsAt, mayBegin, mayEnd, type DigitGroup } from './number-run.js';
import { isPhone } from './phone-form.js';
import { codeAt, isDigit, isPlainLetter, type ReadableText, type TextSpan } from './readable-text.js';

/** Personal data at its place in a text. */
export interface FoundData extends TextSpan {
  readonly kind: PersonalDataKind;
}

/** No value that is found is longer. */
export const longestValue = 320;

const AT = 0x40;
const PLUS = 0x2b;
const OPEN = 0x28;

/**
 * Personal data in a text, in its order and without overlaps. The work grows with the length alone, whatever the text holds.
 * @param from nothing before this place is found; it is looked at where it tells what follows.
 */
export function findPersonalData(text: ReadableText, from: number, wanted: ReadonlySet<PersonalDataKind>): FoundData[] {
  const found: FoundData[] = [];
  const hasNumbers = wanted.has('card') || wanted.has('phone');
  let free = from;
  for (let at = from; at < text.length;) {
    const code = text.charCodeAt(at);
    let one: FoundData | undefined;
    let next = at + 1;
    if (code === AT) one = wanted.has('email') ? of('email', emailAround(text, at, free)) : undefined;
    else if (isDigit(code) || code === PLUS || code === OPEN) {
      if (hasNumbers) one = numberAt(text, at, wanted);
      next = isDigit(code) ? endOfDigits(text, at) : next;
    } else if (isPlainLetter(code) && wanted.has('iban')) one = of('iban', ibanAt(text, at));
    if (one !== undefined) {
      found.push(one);
      free = next = one.end;
    }
    at = next;
  }
  return found;
}

/** The longest number of a card or a telephone that begins at `at`. */
function numberAt(text: ReadableText, at: number, wanted: ReadonlySet<PersonalDataKind>): FoundData | undefined {
  if (!mayBegin(text, at)) return undefined;
  const groups = groupsAt(text, at);
  if (beginsNothing(groups)) return undefined;
  for (let count = groups.length; count > 0; count -= 1) {
    const taken = groups.slice(0, count);
    const end = taken.at(-1)?.end ?? at;
    if (!mayEnd(text, end)) continue;
    if (wanted.has('card') && isCard(taken)) return { kind: 'card', start: at, end };
    if (wanted.has('phone') && isPhone(taken)) return { kind: 'phone', start: at, end };
  }
  return undefined;
}

/** One digit alone opens a number only behind a plus or a bracket, and where it is the 1 of North America. */
function beginsNothing([first, second]: readonly DigitGroup[]): boolean {
  if (first === undefined) return true;
  return first.lead === '' && first.digits.length === 1 && (first.digits !== '1' || second?.digits.length !== 3);
}

function endOfDigits(text: ReadableText, from: number): number {
  let at = from + 1;
  while (isDigit(codeAt(text, at))) at += 1;
  return at;
}

function of(kind: PersonalDataKind, span: TextSpan | undefined): FoundData | undefined {
  return span === undefined ? undefined : { kind, ...span };
}
