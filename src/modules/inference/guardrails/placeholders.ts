import type { PersonalDataKind } from '../../../contracts/prompt-policy.js';

const names: Readonly<Record<PersonalDataKind, string>> = { email: 'EMAIL', phone: 'PHONE', iban: 'IBAN', card: 'CARD' };

/** Letters and digits that are not taken for each other (Crockford's base 32). */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 30 bits: two values of one talk do not meet under one tag. */
const tagLength = 6;

/** The whole form of a placeholder, and how long one is at the most. */
export const placeholderForm = new RegExp(`\\[(?:${Object.values(names).join('|')})_[${alphabet}]{${tagLength}}\\]`, 'g');
export const longestPlaceholder = Math.max(...Object.values(names).map((name) => name.length)) + tagLength + 3;

/**
 * Gives values their placeholders (`[EMAIL_4F7K2Q]`) and remembers them for one call. The tag is made of the value under a
 * secret: the same value has the same one in every call of a key, and nobody finds the value by it.
 */
export class Placeholders {
  private readonly byValue = new Map<string, string>();
  private readonly byPlaceholder = new Map<string, string>();

  /** @param digest of a text under a secret of the key; at least four bytes. */
  constructor(private readonly digest: (text: string) => Buffer) {}

  of(kind: PersonalDataKind, value: string): string {
    const name = `${kind} ${value}`;
    let placeholder = this.byValue.get(name);
    if (placeholder === undefined) {
      placeholder = `[${names[kind]}_${tagOf(this.digest(name))}]`;
      this.byValue.set(name, placeholder);
      this.byPlaceholder.set(placeholder, value);
    }
    return placeholder;
  }

  /** The value of a placeholder of this call. */
  valueOf(placeholder: string): string | undefined {
    return this.byPlaceholder.get(placeholder);
  }

  /** How many values have a placeholder. */
  get count(): number {
    return this.byPlaceholder.size;
  }
}

function tagOf(digest: Buffer): string {
  let bits = digest.readUInt32BE();
  let tag = '';
  for (; tag.length < tagLength; bits >>>= 5) tag += alphabet.charAt(bits & 31);
  return tag;
}
