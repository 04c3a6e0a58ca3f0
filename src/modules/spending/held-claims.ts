import type { CallPrice } from '../../platform/journal/call-record.js';
import type { BudgetLimiter } from './budget-limiter.js';
import { claimsText, takenOf, type Claim, type EndOfCall } from './claims.js';
import type { LastCharges } from './last-charges.js';

/** What budgets hold for one call, until it ends. */
export class HeldClaims {
  /** As it stands in the journal. */
  readonly text: string;

  /** @param name of the tenant and what it called. */
  constructor(
    private readonly limiter: BudgetLimiter,
    private readonly charges: LastCharges,
    private readonly name: string,
    private readonly claims: readonly Claim[],
  ) {
    this.text = claimsText(claims);
  }

  /** The call has ended: what it did not take is free again. To be called once. */
  settle(end: EndOfCall, price: CallPrice | undefined): void {
    if (price !== undefined) this.charges.learn(this.name, price.charge);
    for (const claim of this.claims) {
      if (claim.sliceId === null) continue;
      const taken = takenOf(claim, end, price);
      this.limiter.change(claim.limit, (lease) => lease.spend(claim.amount, taken));
    }
  }
}
