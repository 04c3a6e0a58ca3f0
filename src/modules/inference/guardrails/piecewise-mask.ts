import type { PersonalDataKind } from '../../../contracts/prompt-policy.js';
import { atOnce, type Steps } from '../../../kernel/steps.js';
import { EscapeReading } from './escape-reading.js';
import { foundValues, type FoundValue } from './found-values.js';
import type { FoundPattern } from './pattern-finder.js';
import { findPersonalData } from './personal-data.js';

/** What becomes of a value. May throw an AppError, which refuses all. */
export type Replace = (kinds: FoundValue['kinds'], value: string) => string;

/** What is looked for in a text. */
export interface Wanted {
  readonly data: ReadonlySet<PersonalDataKind>;
  /** Finds matches of a tenant's patterns; undefined where there are none. */
  readonly matches: ((text: string, from: number) => Steps<readonly FoundPattern[]>) | undefined;
}

/** What tells whether a value begins behind it: what stood before the next piece. */
const contextLength = 8;

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
  /** What both are read as. */
  private read = '';
  private readonly escapes = new EscapeReading();

  /** @param hold so many characters are held back; longer values are found where they come in one piece. */
  constructor(
    private readonly wanted: Wanted,
    private readonly replace: Replace,
    private readonly hold: number,
  ) {}

  /** Takes a piece; gives what is certain by now. */
  push(piece: string): string {
    return atOnce(this.take(piece, false));
  }

  /** The same in steps. */
  pushInSteps(piece: string): Steps<string> {
    return this.take(piece, false);
  }

  /** The text has ended; gives the rest of it. */
  end(): string {
    return atOnce(this.take('', true));
  }

  /** The same in steps. */
  endInSteps(): Steps<string> {
    return this.take('', true);
  }

  private *take(piece: string, isLast: boolean): Steps<string> {
    const { context, escapes } = this;
    const whole = context + this.held + piece;
    const read = this.read.slice(0, this.read.length - escapes.openLength) + escapes.push(piece);
    const { data, matches } = this.wanted;
    const found = foundValues(
      findPersonalData(read, context.length, data),
      matches === undefined ? [] : yield* matches(read, context.length),
    );
    let cut = isLast ? whole.length : Math.max(context.length, whole.length - this.hold);
    let given = '';
    let at = context.length;
    for (const { kinds, start, end } of found) {
      if (end > cut) {
        cut = Math.min(cut, start);
        break;
      }
      given += whole.slice(at, start) + this.replace(kinds, whole.slice(start, end));
      at = end;
      this.hasChanged = true;
    }
    cut = Math.max(at, splitsPair(whole, cut) ? cut - 1 : cut);
    const kept = Math.max(0, cut - contextLength);
    this.held = whole.slice(cut);
    this.context = whole.slice(kept, cut);
    this.read = read.slice(kept);
    return given + whole.slice(at, cut);
  }
}

/** True where the place stands within a character of two units. */
function splitsPair(text: string, at: number): boolean {
  if (at <= 0 || at >= text.length) return false;
  const before = text.charCodeAt(at - 1);
  return before >= 0xd800 && before <= 0xdbff;
}
