import type { CallJournal } from '../../../platform/journal/call-journal.js';
import type { CallEnd } from '../../../platform/journal/call-record.js';
import type { KnownTerms } from '../../prices/call-pricing.js';
import { priceOfCall } from '../../prices/price-of-call.js';
import type { HeldClaims } from '../../spending/held-claims.js';
import type { CallSums } from './call-sums.js';

/** The right to call a provider once. Whoever holds it must settle it, however the call ends. */
export class Ticket {
  /**
   * @param terms by what the call is priced. @param sums hears once what it took, when its price is known. @param used hears once how many tokens the call took in all, and of its input where the
   * provider has told them. @param claims what budgets hold for it.
   */
  constructor(
    private readonly journal: CallJournal,
    private readonly callId: string,
    private readonly terms: KnownTerms | Promise<KnownTerms>,
    private sums: CallSums | undefined,
    private used?: (tokens: number, input: number) => void,
    private claims?: HeldClaims,
    /** The most tokens of the answer for which a budget has room; undefined: none bounds it. */
    readonly outputBound?: number | undefined,
  ) {}

  /**
   * The last gate. Says how the call ended; of several, the first counts. `settled` is called, never before this has
   * returned, when a kill -9 can no longer undo the record: the last byte of the reply is sent then.
   */
  settle(result: CallEnd, settled: () => void): void {
    this.used?.(result.totalTokens, result.source === 'upstream' ? result.inputTokens : 0);
    this.used = undefined;
    if (this.terms instanceof Promise) void this.terms.then((terms) => this.end(result, terms, settled));
    else this.end(result, this.terms, settled);
  }

  private end(result: CallEnd, terms: KnownTerms, settled: () => void): void {
    const price = priceOfCall(result, terms);
    this.claims?.settle(result, price);
    this.claims = undefined;
    this.sums?.end(result, price);
    this.sums = undefined;
    this.journal.end(this.callId, { ...result, price }, settled);
  }
}
