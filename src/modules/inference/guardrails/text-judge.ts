import type { PersonalDataKind } from '../../../contracts/prompt-policy.js';
import type { AppError } from '../../../kernel/app-error.js';
import { PiecewiseMask, type Replace } from './piecewise-mask.js';
import type { Placeholders } from './placeholders.js';
import type { TextRules } from './policy-rules.js';
import { refused, type Side } from './refusals.js';
import type { TermReading } from './term-matcher.js';

/** What people call the kinds of personal data. */
const kindNames: Readonly<Record<PersonalDataKind, string>> = {
  email: 'an e-mail address',
  phone: 'a telephone number',
  iban: 'an account number (IBAN)',
  card: 'the number of a card',
};

export interface JudgedSide {
  readonly side: Side;
  /** How many characters of a text that comes in pieces are held back: values that are longer are found in one piece alone. */
  readonly hold: number;
}

/** Judges the texts of one side of a call by the rules of its key. */
export class TextJudge {
  private readonly wanted: ReadonlySet<PersonalDataKind>;

  constructor(
    private readonly rules: TextRules,
    private readonly placeholders: Placeholders,
    private readonly judged: JudgedSide,
  ) {
    this.wanted = new Set(rules.data.keys());
  }

  /** The reading of one text, whose pieces are given one after the other. */
  read(): TextReading {
    const { side, hold } = this.judged;
    return new TextReading(this.rules.terms?.read(), new PiecewiseMask(this.wanted, this.replace, hold), side);
  }

  private readonly replace: Replace = (kind, value) => {
    if (this.rules.data.get(kind) === 'block') throw refused('pii', `it holds ${kindNames[kind]}`, this.judged.side);
    return this.placeholders.of(kind, value);
  };
}

/** One text on its way through the rules. */
export class TextReading {
  constructor(
    private readonly terms: TermReading | undefined,
    private readonly mask: PiecewiseMask,
    private readonly side: Side,
  ) {}

  /** Something of the text was replaced so far. */
  get hasChanged(): boolean {
    return this.mask.hasChanged;
  }

  /** @returns what of the text may go on by now. @throws AppError content_policy. */
  push(piece: string): string {
    if (this.terms?.push(piece) === true) throw this.holdsTerm();
    return this.mask.push(piece);
  }

  /** @returns the rest of the text. @throws AppError content_policy. */
  end(): string {
    if (this.terms?.end() === true) throw this.holdsTerm();
    return this.mask.end();
  }

  private holdsTerm(): AppError {
    return refused('blocked_terms', 'it holds a term that is not allowed', this.side);
  }
}
