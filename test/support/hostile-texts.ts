import type { ReadableText } from '../../src/modules/inference/guardrails/readable-text.js';

const repeated =
  (unit: string) =>
  (length: number): string =>
    unit.repeat(Math.ceil(length / unit.length)).slice(0, length);

/** Texts of any length that are meant to keep a matcher busy. */
export const hostileTexts: readonly (readonly [what: string, text: (length: number) => string])[] = [
  ['digits', repeated('1')],
  ['zeros', repeated('0')],
  ['digits with spaces', repeated('1 ')],
  ['groups of digits', repeated('0171 ')],
  ['groups that end one too late', repeated('4444 4444 4444 444 ')],
  ['brackets', repeated('(')],
  ['plus signs with digits', repeated('+4')],
  ['@', repeated('@')],
  ['letters between @', repeated('a@')],
  ['a long local part', (length) => `${repeated('a')(length - 1)}@`],
  ['a long domain', (length) => `a@${repeated('b')(length - 2)}`],
  ['labels', (length) => `a@${repeated('b.')(length - 2)}`],
  ['hyphens', (length) => `a@b${repeated('-')(length - 3)}`],
  ['addresses that nearly are', repeated('a.b.c@d-e-f.g ')],
  ['account numbers that nearly are', repeated('DE89 3704 0044 0532 0130 01 ')],
  ['heads of account numbers', repeated('DE89 ')],
  ['letters', repeated('a')],
  ['spaces', repeated(' ')],
  ['backslashes', repeated('\\')],
];

/** How often the work looks at a character of the text. */
export function lookedAt(text: string, work: (text: ReadableText) => unknown): number {
  let looks = 0;
  work({
    length: text.length,
    charCodeAt: (at) => {
      looks += 1;
      return text.charCodeAt(at);
    },
  });
  return looks;
}
