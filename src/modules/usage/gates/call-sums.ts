import type { CallEnd, CallPrice } from '../../../platform/journal/call-record.js';

/** What the calls to providers took that were made for one request: a fallback's tries, say, are several. */
export class CallSums {
  /** The ids of their usage records, with a space between. */
  ids = '';
  /** `performance.now()` when the first was about to be sent. */
  readonly sentAt = performance.now();
  /** Of the one that gave the answer, from the request's arrival on; null where there was no stream. */
  firstTokenMs: number | null = null;
  inputTokens = 0;
  outputTokens = 0;
  totalTokens = 0;
  /** Undefined where no price says, or where they are in several currencies. */
  price: CallPrice | undefined;
  private open = 0;
  private isMixed = false;
  private whenSettled: (() => void) | undefined;

  /** A call begins, by the id of its usage record. */
  begin(id: string): void {
    this.open += 1;
    this.ids = this.ids === '' ? id : `${this.ids} ${id}`;
  }

  /** It has ended. */
  end({ inputTokens, outputTokens, totalTokens, firstTokenMs }: CallEnd, price: CallPrice | undefined): void {
    this.inputTokens += inputTokens;
    this.outputTokens += outputTokens;
    this.totalTokens += totalTokens;
    if (firstTokenMs !== null) this.firstTokenMs = firstTokenMs;
    if (price !== undefined) this.add(price);
    this.open -= 1;
    if (this.open > 0 || this.whenSettled === undefined) return;
    const listener = this.whenSettled;
    this.whenSettled = undefined;
    listener();
  }

  /** Calls the listener when all calls have ended; false where they have, and it is not called. */
  whenAllEnded(listener: () => void): boolean {
    if (this.open === 0) return false;
    this.whenSettled = listener;
    return true;
  }

  private add({ cost, charge, currency }: CallPrice): void {
    const { price } = this;
    if (this.isMixed || (price !== undefined && price.currency !== currency)) {
      this.isMixed = true;
      this.price = undefined;
    } else this.price = { cost: (price?.cost ?? 0) + cost, charge: (price?.charge ?? 0) + charge, currency };
  }
}
