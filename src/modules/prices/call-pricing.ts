import { Logger } from '@nestjs/common';
import type { Metrics } from '../../observability/metrics.js';
import { databaseInTime } from '../../platform/database/patience.js';
import { termsOf, type PriceBook, type PricedCall, type Terms } from './price-terms.js';

/** By what a call is priced; undefined: no price is known. */
export type KnownTerms = Terms | undefined;

/** Where prices are kept: see `PriceDirectory`. */
export interface PriceBooks {
  peek(tenantId: string): PriceBook | undefined;
  of(tenantId: string): Promise<PriceBook>;
}

/** A call may wait for so long, from its begin on, for prices that are not in memory. Then it has none. */
const longestMs = 1_000;
const toldEveryMs = 60_000;

/**
 * Looks up by what a call is priced when it begins, so that no later change of prices touches it. What is in memory is taken
 * from there. What is not is read while the provider works: a call waits for that at its end alone, and for a second at most.
 */
export class CallPricing {
  private readonly logger = new Logger(CallPricing.name);
  private toldAt = -Infinity;

  constructor(
    private readonly books: PriceBooks,
    private readonly metrics: Metrics,
  ) {}

  /** Never waits and never throws; a promise is given where prices have to be read, and never rejects. */
  termsOf(call: PricedCall & { readonly tenantId: string }): KnownTerms | Promise<KnownTerms> {
    const book = this.books.peek(call.tenantId);
    return book === undefined ? this.read(call) : this.termsIn(book, call);
  }

  private async read(call: PricedCall & { readonly tenantId: string }): Promise<KnownTerms> {
    try {
      return this.termsIn(await databaseInTime(this.books.of(call.tenantId), longestMs), call);
    } catch (error) {
      this.metrics.unpricedCalls.add('unread');
      this.tell(error);
      return undefined;
    }
  }

  private termsIn(book: PriceBook, call: PricedCall): KnownTerms {
    const terms = termsOf(book, call);
    if (terms === undefined) this.metrics.unpricedCalls.add('no_price');
    return terms;
  }

  private tell(error: unknown): void {
    const now = performance.now();
    if (now - this.toldAt < toldEveryMs) return;
    this.toldAt = now;
    const reason = error instanceof Error ? error.message : String(error);
    this.logger.error(`Prices cannot be read: ${reason} Calls are booked without cost and charge meanwhile.`);
  }
}
