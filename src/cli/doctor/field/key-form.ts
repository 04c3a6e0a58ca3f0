import { isWellFormedCredential, maskCredential } from '../../../kernel/credentials.js';
import { found, well, type Check } from '../check.js';

const check = 'key form';
const length = 43;

/** Judges a key by its text alone: nothing is sent. */
export function judgeKeyForm(key: string): Check {
  if (isWellFormedCredential(key, 'gtak_')) return well(check, `${maskCredential(key)} has the right form and checksum.`);
  return found(check, 'key-malformed', whatIsOff(key));
}

function whatIsOff(key: string): string {
  const trimmed = key
    .trim()
    .replace(/^["']|["']$/g, '')
    .replace(/^Bearer\s+/i, '');
  if (trimmed !== key && isWellFormedCredential(trimmed, 'gtak_'))
    return 'There are blanks, quotation marks or the word Bearer around it.';
  if (isWellFormedCredential(key, 'gtad_')) return 'It is an admin token (gtad_), which the data plane does not take.';
  if (key.startsWith('sk-')) return 'It looks like a key of OpenAI or another provider.';
  if (!key.startsWith('gtak_')) return 'It does not begin with gtak_.';
  if (key.length !== length) return `It has ${key.length} characters and not ${length}.`;
  if (!/^gtak_[0-9A-Za-z]+$/.test(key)) return 'It holds characters other than letters and digits.';
  return 'Its checksum is wrong: at least one character is.';
}
