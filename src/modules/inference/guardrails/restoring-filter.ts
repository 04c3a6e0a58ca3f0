import type { TextFilter } from './event-texts.js';
import { longestPlaceholder, placeholderForm, type Placeholders } from './placeholders.js';

/** What may become a placeholder at the end of a piece. */
const begun = /\[[A-Z0-9_]*$/;

/** Puts the values of one call back in place of their placeholders. The beginning of one at the end of a piece is held back. */
export class RestoringFilter implements TextFilter {
  private held = '';

  constructor(private readonly values: Pick<Placeholders, 'valueOf'>) {}

  push(piece: string): string {
    const text = this.held + piece;
    const cut = begun.exec(text.slice(-longestPlaceholder));
    const end = cut === null ? text.length : text.length - cut[0].length;
    this.held = text.slice(end);
    return restored(text.slice(0, end), this.values);
  }

  end(): string {
    const { held } = this;
    this.held = '';
    return held;
  }
}

/** The text with the values of its placeholders; one that is not of this call stays. */
export function restored(text: string, values: Pick<Placeholders, 'valueOf'>): string {
  return text.includes('[') ? text.replace(placeholderForm, (placeholder) => values.valueOf(placeholder) ?? placeholder) : text;
}
