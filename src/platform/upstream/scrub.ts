import { storable } from '../journal/record-columns.js';

const maxMessage = 500;
/** No more of a sentence is searched, and no longer word: what a pattern costs grows with the square of a word. */
const searchedCharacters = 2_000;
const longestWord = 256;

const topLevelNames =
  'com|net|org|io|ai|dev|cloud|app|co|internal|local|localdomain|lan|corp|home|svc|example|test|info|biz|xyz|gov|edu|azure|de|eu|cn|uk|fr|us|ch|nl|jp|kr|ru|br|ca|au';

/** What may never reach a caller out of a provider's sentence: addresses, hosts, paths, keys, organisation ids. */
const inside: readonly RegExp[] = [
  /\b[a-z][a-z0-9+.-]*:\/\/\S+/gi,
  /\b(?:sk|pk|rk|gsk|xai|gtak)[-_][A-Za-z0-9_*.-]{3,}/gi,
  /\bBearer\s+\S+/gi,
  /\b(?:org|proj|acct)[-_][A-Za-z0-9_-]{3,}/g,
  /\b(?:key|user|asst|sess|req)[-_](?=[A-Za-z0-9_-]*\d)[A-Za-z0-9_*-]{6,}/g,
  /\bAIza[A-Za-z0-9_-]{8,}/g,
  /\b(?=[A-Za-z0-9_-]*\d)(?=[A-Za-z0-9_-]*[A-Za-z])[A-Za-z0-9_-]{32,}/g,
  /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g,
  /\[?[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){3,7}\]?(?::\d+)?/gi,
  new RegExp(String.raw`\b(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:${topLevelNames}))\b(?::\d+)?`, 'gi'),
  /\b[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*:\d{2,5}\b/gi,
  /(?<![\w.])\/(?:[\w.-]+\/)+[\w.-]*/g,
];

/** Names that are the provider's and how they are said to the caller. */
export interface RenamedModel {
  readonly providerModel: string;
  readonly publishedName: string;
}

/**
 * A provider's sentence as a caller may read it and a table can hold it: at most 500 characters, without anything of the
 * inside, NUL or half of a character. The work has a
 * bound that does not depend on the sentence: this runs on the event loop.
 */
export function scrub(message: string, { providerModel, publishedName }: RenamedModel): string {
  const renamed = searchedPart(message).replace(modelPattern(providerModel), () => publishedName);
  const clean = inside.reduce((text, pattern) => text.replace(pattern, '[removed]'), renamed);
  return storable(clean.length > maxMessage ? `${clean.slice(0, maxMessage - 1)}…` : clean);
}

/**
 * What of a sentence the patterns search: its beginning up to the end of a word, so that no host is cut in two and missed,
 * without words that are too long to be any.
 */
export function searchedPart(message: string): string {
  let end = Math.min(message.length, searchedCharacters);
  if (end < message.length) while (end > 0 && isWordCharacter(message.charCodeAt(end - 1))) end -= 1;
  return message.slice(0, end).replace(/[!-~]+/g, (word) => (word.length > longestWord ? '[removed]' : word));
}

/** A visible character of ASCII, of which hosts, keys and paths are made. */
function isWordCharacter(code: number): boolean {
  return code > 0x20 && code < 0x7f;
}

/** The provider's model, whole or without the folders of its name, also with the date that many providers add. */
function modelPattern(model: string): RegExp {
  const last = model.slice(model.lastIndexOf('/') + 1);
  const forms = last.length >= 4 && last !== model ? [model, last] : [model];
  const texts = forms.map((form) => form.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(String.raw`(?:${texts.join('|')})(?:[-@]\d{4}-?\d{2}-?\d{2})?`, 'gi');
}
