import type { PersonalDataKind } from '../../../contracts/prompt-policy.js';
import { findPersonalData } from './personal-data.js';

/** What becomes of personal data. May throw an AppError, which refuses all. */
export type Replace = (kind: PersonalDataKind, value: string) => string;

/** What tells whether a value begins behind it: what stood before the next piece. */
const contextLength = 8;

/** Escapes of JSON within a text that is JSON itself, such as arguments of a tool. */
const escapes = /\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])/g;

/**
 * Replaces personal data in a text that comes in pieces, also where a value stands in several of them. The end of what has
 * come is held back while it may belong to a value.
 */
export class PiecewiseMask {
  /** Something was replaced so far. */
  hasChanged = false;
  private held = '';
  /** The end of what was given. */
  private context = '';

  /** @param hold so many characters are held back; longer values are found where they come in one piece. */
  constructor(
    private readonly wanted: ReadonlySet<PersonalDataKind>,
    private readonly replace: Replace,
    private readonly hold: number,
  ) {}

  /** Takes a piece; gives what is certain by now. */
  push(piece: string): string {
    return this.take(this.held + piece, false);
  }

  /** The text has ended; gives the rest of it. */
  end(): string {
    return this.take(this.held, true);
  }

  private take(text: string, isLast: boolean): string {
    const { context } = this;
    const whole = context + text;
    const found = findPersonalData(withoutEscapes(whole), context.length, this.wanted);
    let cut = isLast ? whole.length : Math.max(context.length, whole.length - this.hold);
    let given = '';
    let at = context.length;
    for (const { kind, start, end } of found) {
      if (end > cut) {
        cut = Math.min(cut, start);
        break;
      }
      given += whole.slice(at, start) + this.replace(kind, whole.slice(start, end));
      at = end;
      this.hasChanged = true;
    }
    cut = Math.max(at, splitsPair(whole, cut) ? cut - 1 : cut);
    this.held = whole.slice(cut);
    this.context = whole.slice(Math.max(0, cut - contextLength), cut);
    return given + whole.slice(at, cut);
  }
}

/** The text with spaces for escapes, of the same length: `\n` before a name is not its first letter. */
function withoutEscapes(text: string): string {
  return text.includes('\\') ? text.replace(escapes, (escape) => ' '.repeat(escape.length)) : text;
}

/** True where the place stands within a character of two units. */
function splitsPair(text: string, at: number): boolean {
  if (at <= 0 || at >= text.length) return false;
  const before = text.charCodeAt(at - 1);
  return before >= 0xd800 && before <= 0xdbff;
}
