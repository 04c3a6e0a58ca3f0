import { codeAt, isDigit, isOfWord, type ReadableText } from './readable-text.js';

/** Digits that stand together: the groups that a number is written in. */
export interface DigitGroup {
  readonly digits: string;
  /** Behind its last digit. */
  readonly end: number;
  /** What stands between the group before and this one; what opens the number, before the first. */
  readonly lead: string;
}

/** More digits has no number that is looked for. */
const mostDigits = 19;
const longestLead = 3;
/** Nor does one have more groups. */
const mostGroups = 8;

const PLUS = 0x2b;
const OPEN = 0x28;
const AT = 0x40;
const COMMA = 0x2c;
/** `-`, `.`, `/`, both brackets, space, no-break space, narrow no-break space and the dash that is as long as a digit. */
const leads = new Set([0x2d, 0x2e, 0x2f, 0x28, 0x29, 0x20, 0xa0, 0x202f, 0x2013]);

/** True where a number may begin: not within a word, nor behind the first half of a decimal, a date or an address. */
export function mayBegin(text: ReadableText, at: number): boolean {
  const before = codeAt(text, at - 1);
  if (isOfWord(before) || before === PLUS) return false;
  const joins = before === COMMA || (leads.has(before) && before !== 0x20 && before !== 0xa0 && before !== OPEN);
  return !joins || !isDigit(codeAt(text, at - 2));
}

/**
 * The groups of digits from `start` on, where a digit, a plus or an opening bracket stands. They end before the group with
 * which they would have more than 19 digits; none, where the first is too long.
 */
export function groupsAt(text: ReadableText, start: number): readonly DigitGroup[] {
  const groups: DigitGroup[] = [];
  let count = 0;
  for (let at = start; groups.length < mostGroups;) {
    let lead = '';
    while (lead.length <= longestLead && isOfLead(codeAt(text, at), groups.length)) {
      lead += String.fromCharCode(text.charCodeAt(at));
      at += 1;
    }
    if (lead.length > longestLead) return groups;
    let digits = '';
    while (digits.length <= mostDigits && isDigit(codeAt(text, at))) {
      digits += String.fromCharCode(text.charCodeAt(at));
      at += 1;
    }
    count += digits.length;
    if (digits === '' || count > mostDigits) return groups;
    groups.push({ digits, end: at, lead });
  }
  return groups;
}

/** True where a number that ends here is whole: nothing follows that makes it a part of a word or an address. */
export function mayEnd(text: ReadableText, end: number): boolean {
  const next = codeAt(text, end);
  return !isOfWord(next) && next !== AT;
}

/** What may open a number, and what may stand between its groups. */
function isOfLead(code: number, groupsBefore: number): boolean {
  return groupsBefore === 0 ? code === PLUS || code === OPEN : leads.has(code);
}
