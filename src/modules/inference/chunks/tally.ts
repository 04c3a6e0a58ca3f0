import type { Fields } from '../../../kernel/fields.js';

/** Counts the characters of what is gathered, each as it is added. */
export class Tally {
  characters = 0;

  /** Counts the text and gives it back. */
  text(text: string): string {
    this.characters += text.length;
    return text;
  }

  /** Counts the members as they are written, and gives them back. */
  members(members: Fields | undefined): Fields | undefined {
    if (members !== undefined) this.characters += JSON.stringify(members).length;
    return members;
  }
}
