import type { PersonalDataKind } from '../../../contracts/prompt-policy.js';

const names: Readonly<Record<PersonalDataKind, string>> = { email: 'EMAIL', phone: 'PHONE', iban: 'IBAN', card: 'CARD' };
const longestName = 32;
/** JSON writes these with an escape. */
const escaped = /["\\\p{Cc}]/u;

/** Letters and digits that are not taken for each other (Crockford's base 32). */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 30 bits: two values of one talk do not meet under one tag. */
const tagLength = 6;

/** The whole form of a placeholder, and how long one is at the most. */
export const placeholderForm = new RegExp(`\\[[A-Z0-9_]{1,${longestName}}_[${alphabet}]{${tagLength}}\\]`, 'g');
export const longestPlaceholder = longestName + tagLength + 3;

/**
 * Gives values their placeholders (`[EMAIL_4F7K2Q]`) and remembers them for one call. The tag is made of the value under a
 * secret: the same value has the same one in every call of a key, and nobody finds the value by it.
 */
export class Placeholders {
  private readonly byValue = new Map<string, string>();
  private readonly byPlaceholder = new Map<string, string>();

  /** @param digest of a text under a secret of the key; at least four bytes. */
  constructor(private readonly digest: (text: string) => Buffer) {}

  /** @param kind the kind of personal data, or the label of a tenant's pattern. */
  of(kind: string, value: string): string {
    const name = `${kind} ${value}`;
    let placeholder = this.byValue.get(name);
    if (placeholder === undefined) {
      placeholder = `[${labelOf(kind)}_${tagOf(this.digest(name))}]`;
      this.byValue.set(name, placeholder);
      // In JSON, and in JSON within it, only what has no escapes can be put back as it is.
      if (!escaped.test(value)) this.byPlaceholder.set(placeholder, value);
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

function labelOf(kind: string): string {
  return Object.hasOwn(names, kind) ? names[kind as PersonalDataKind] : kind;
}

function tagOf(digest: Buffer): string {
  let bits = digest.readUInt32BE();
  let tag = '';
  for (; tag.length < tagLength; bits >>>= 5) tag += alphabet.charAt(bits & 31);
  return tag;
}
