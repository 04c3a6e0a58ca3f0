import type { Tally } from '../../observability/tally.js';
import type { CallPrice } from '../../platform/journal/call-record.js';
import type { BudgetLease } from './budget-lease.js';
import type { BudgetLimiter } from './budget-limiter.js';
import { claimsText, takenOf, type Claim, type EndOfCall } from './claims.js';

/** What budgets hold for one call, until it ends. */
export class HeldClaims {
  /** As it stands in the journal. */
  readonly text: string;

  /** @param charged hears what the call was charged, where nobody could tell before what it would be. */
  constructor(
    private readonly limiter: BudgetLimiter,
    private readonly amounts: Tally<'step' | 'unit'>,
    private readonly claims: readonly Claim<BudgetLease>[],
    private readonly charged: ((charge: number) => void) | undefined,
  ) {
    this.text = claimsText(claims);
    this.count('reserved', ({ amount }) => amount);
  }

  /** The call has ended: what it did not take is free again. To be called once. */
  settle(end: EndOfCall, price: CallPrice | undefined): void {
    if (price !== undefined) this.charged?.(price.charge);
    this.count('settled', (claim) => takenOf(claim, end, price));
    for (const claim of this.claims) {
      const { lease, amount } = claim;
      if (lease === null) continue;
      lease.spend(amount, takenOf(claim, end, price));
      this.limiter.changed(lease);
    }
  }

  /** The call is not made: all of it is free again. */
  release(): void {
    for (const { lease, amount } of this.claims) {
      if (lease === null) continue;
      lease.giveBack(amount);
      this.limiter.changed(lease);
    }
  }

  /** A call that several budgets count in the same unit is counted once. */
  private count(step: string, amountOf: (claim: Claim<BudgetLease>) => number): void {
    let last: string | null | undefined;
    for (const claim of this.claims) {
      const { currency } = claim.limit;
      if (currency === last) continue;
      last = currency;
      this.amounts.add(step, currency ?? 'tokens', amountOf(claim));
    }
  }
}
