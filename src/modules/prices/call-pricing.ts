import { Logger } from '@nestjs/common';
import type { Metrics } from '../../observability/metrics.js';
import { databaseInTime } from '../../platform/database/patience.js';
import { termsChangeAfter, termsOf, type PriceBook, type PricedCall, type Terms } from './price-terms.js';

/** By what a call is priced; undefined: no price is known. */
export type KnownTerms = Terms | undefined;

/** Where prices are kept: see `PriceDirectory`. */
export interface PriceBooks {
  peek(tenantId: string): PriceBook | undefined;
  of(tenantId: string): Promise<PriceBook>;
}

/** Terms that hold for calls of a model from one moment to another, which is not in it. */
interface HeldTerms {
  readonly terms: KnownTerms;
  readonly fromMs: number;
  readonly untilMs: number;
}

const mostModels = 1_000;

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
  /** What was looked up in a book, by connection and model. A book never changes. */
  private readonly known = new WeakMap<PriceBook, Map<string, HeldTerms>>();

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
    const { terms } = this.heldTerms(book, call);
    if (terms === undefined) this.metrics.unpricedCalls.add('no_price');
    return terms;
  }

  private heldTerms(book: PriceBook, call: PricedCall): HeldTerms {
    let byModel = this.known.get(book);
    if (byModel === undefined) this.known.set(book, (byModel = new Map()));
    const name = `${call.connectionId}/${call.model}`;
    const known = byModel.get(name);
    if (known !== undefined && call.startedAtMs >= known.fromMs && call.startedAtMs < known.untilMs) return known;
    const held = { terms: termsOf(book, call), fromMs: call.startedAtMs, untilMs: termsChangeAfter(book, call) };
    if (byModel.size >= mostModels) byModel.clear();
    byModel.set(name, held);
    return held;
  }

  private tell(error: unknown): void {
    const now = performance.now();
    if (now - this.toldAt < toldEveryMs) return;
    this.toldAt = now;
    const reason = error instanceof Error ? error.message : String(error);
    this.logger.error(`Prices cannot be read: ${reason} Calls are booked without cost and charge meanwhile.`);
  }
}
