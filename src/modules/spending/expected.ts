import type { KnownTerms } from '../prices/call-pricing.js';
import { expectedCharge } from '../prices/expected-charge.js';
import type { LastCharges } from './last-charges.js';

/** A record tells no more exactly. */
const mostTold = Number.MAX_SAFE_INTEGER;

/** What a call is expected to take, as far as it is known before it is made. */
export interface ExpectedUse {
  /** Tokens of what is sent. */
  readonly prompt: number;
  /** The most tokens of the answer. */
  readonly output: number;
}

/** Whose call it is, what it takes and by what it is priced. */
export interface ExpectedCall {
  readonly call: { readonly tenantId: string; readonly endpoint: string };
  /** Null: it has been answered already, and is only to be counted. */
  readonly use: ExpectedUse | null;
  readonly terms: KnownTerms;
}

/** What one call is expected to take of budgets. It is worked out once, however many of them ask. */
export class Expected {
  private charge: number | undefined;
  private isLearned = false;

  constructor(
    private readonly expected: ExpectedCall,
    private readonly charges: LastCharges,
  ) {}

  /**
   * What is to be reserved: as if all of the input were new and the answer as long as it may be. At least one unit.
   * @param currency of the charges that are counted, in micro-units; null: tokens.
   * @returns undefined where no price in the currency says what the call takes.
   */
  of(currency: string | null): number | undefined {
    const { use, terms } = this.expected;
    if (currency !== null && terms?.currency !== currency) return undefined;
    if (use === null) return 0;
    if (currency === null || terms === undefined) return Math.max(1, Math.min(use.prompt + use.output, mostTold));
    return (this.charge ??= this.charged(use, terms));
  }

  /** Hears what the call was charged in the end, where its price says nothing of tokens. */
  learner(): ((charge: number) => void) | undefined {
    return this.isLearned ? (charge) => this.charges.learn(this.name(), charge) : undefined;
  }

  private charged(use: ExpectedUse, terms: NonNullable<KnownTerms>): number | undefined {
    const charge = expectedCharge(use, terms);
    if (charge === undefined || charge > 0) return charge;
    this.isLearned = true;
    return Math.max(1, this.charges.of(this.name()));
  }

  private name(): string {
    const { tenantId, endpoint } = this.expected.call;
    return `${tenantId}/${endpoint}`;
  }
}
