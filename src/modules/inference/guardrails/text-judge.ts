import type { PersonalDataKind } from '../../../contracts/prompt-policy.js';
import type { AppError } from '../../../kernel/app-error.js';
import type { Steps } from '../../../kernel/steps.js';
import type { MatchTime } from './match-time.js';
import { PiecewiseMask, type Replace, type Wanted } from './piecewise-mask.js';
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
  /** What the matching of the tenant's patterns takes. */
  readonly time: MatchTime;
}

/** Judges the texts of one side of a call by the rules of its key. */
export class TextJudge {
  private readonly wanted: Wanted;

  constructor(
    private readonly rules: TextRules,
    private readonly placeholders: Placeholders,
    private readonly judged: JudgedSide,
  ) {
    const { data, patterns } = rules;
    const tooLong = (): Error => refused('pii', 'it cannot be judged: its patterns take too long', judged.side);
    this.wanted = {
      data: new Set(data.keys()),
      matches:
        patterns === undefined
          ? undefined
          : (text, from) => judged.time.measured(patterns.find(text, from), text.length - from, tooLong),
    };
  }

  /** The reading of one text, whose pieces are given one after the other. */
  read(): TextReading {
    const { side, hold } = this.judged;
    return new TextReading(this.rules.terms?.read(), new PiecewiseMask(this.wanted, this.replace, hold), side);
  }

  private readonly replace: Replace = (kinds, value) => {
    for (const kind of kinds) {
      const [action, name] =
        typeof kind === 'string'
          ? [this.rules.data.get(kind), kindNames[kind]]
          : [kind.action, 'a value of a form that is not allowed'];
      if (action === 'block') throw refused('pii', `it holds ${name}`, this.judged.side);
    }
    const [first] = kinds;
    if (first === undefined) throw new Error('A value is of some kind.');
    return this.placeholders.of(typeof first === 'string' ? first : first.name, value);
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

  /** The same in steps. */
  pushInSteps(piece: string): Steps<string> {
    if (this.terms?.push(piece) === true) throw this.holdsTerm();
    return this.mask.pushInSteps(piece);
  }

  /** @returns the rest of the text. @throws AppError content_policy. */
  end(): string {
    if (this.terms?.end() === true) throw this.holdsTerm();
    return this.mask.end();
  }

  /** The same in steps. */
  endInSteps(): Steps<string> {
    if (this.terms?.end() === true) throw this.holdsTerm();
    return this.mask.endInSteps();
  }

  private holdsTerm(): AppError {
    return refused('blocked_terms', 'it holds a term that is not allowed', this.side);
  }
}
