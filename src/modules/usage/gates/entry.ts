import type { CallLimit } from '../../limits/call-limit.js';
import type { SpendingCall } from '../../spending/spending.js';
import { groupsOf } from '../../limits/limit-groups.js';
import type { CallLimiter } from '../../limits/call-limiter.js';
import type { Need } from '../../limits/waiting-line.js';
import { CallSums } from './call-sums.js';

const nothing: readonly Need<CallLimit>[] = [];

/** A place behind the first gate. Whoever holds it gives it back, however the request ends. */
export class Entry {
  /** `performance.now()` when the request was let in. */
  readonly enteredAt = performance.now();
  /** What the calls to providers took that were made for it; undefined while none was. */
  sums: CallSums | undefined;
  private isHeld = true;
  private hasCalled = false;
  /** Those of the endpoints whose requests and places it has taken. */
  private endpoints: (readonly CallLimit[])[] = [];

  /** @param places counts those that are held. @param taken at the first gate; endpoints' come later. */
  constructor(
    private readonly limiter: CallLimiter,
    private readonly places: { held: number },
    /** Whether a budget may refuse a call of the caller, or end its answer, as far as this process knows without asking. */
    readonly stops: (call: SpendingCall) => boolean,
    /** Those of the caller. */
    readonly own: readonly CallLimit[],
    private taken: readonly Need<CallLimit>[],
    /** Its calls wait behind those of others. */
    readonly hasTime = false,
  ) {
    places.held += 1;
  }

  /** The caller's limits, and those of the endpoints that it has called. */
  get limits(): readonly CallLimit[] {
    return this.endpoints.length === 0 ? this.own : [...this.own, ...this.endpoints.flat()];
  }

  /** What a call of an endpoint takes beside tokens: of each endpoint once, however often it is tried. */
  needsOf(endpoint: readonly CallLimit[]): readonly Need<CallLimit>[] {
    return endpoint.length === 0 || this.endpoints.includes(endpoint) ? nothing : groupsOf(endpoint).request;
  }

  /** A call goes out, for which these were taken. */
  calls(endpoint: readonly CallLimit[], taken: readonly Need<CallLimit>[]): void {
    this.hasCalled = true;
    if (taken === nothing) return;
    this.endpoints.push(endpoint);
    if (this.isHeld) this.taken = [...this.taken, ...taken];
    else this.limiter.giveBack(taken.filter(isPlace));
  }

  /** A call to a provider begins, by the id of its usage record. What it takes is to be told to what is given back. */
  begins(callId: string): CallSums {
    const sums = (this.sums ??= new CallSums());
    sums.begin(callId);
    return sums;
  }

  /** The call was refused by a limit: where none went out before, its request costs nothing. */
  refuse(): void {
    if (this.hasCalled) return;
    this.limiter.giveBack(this.taken.filter((need) => !isPlace(need)));
    this.taken = this.taken.filter(isPlace);
  }

  /** Gives the place back. The second time does nothing. */
  leave(): void {
    if (!this.isHeld) return;
    this.isHeld = false;
    this.places.held -= 1;
    if (this.taken.length > 0) this.limiter.giveBack(this.taken.filter(isPlace));
  }
}

function isPlace({ limit }: Need<CallLimit>): boolean {
  return limit.kind === 'parallel';
}
