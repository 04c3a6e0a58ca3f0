import type { CallLimit } from '../../limits/call-limit.js';
import type { Limiter, Need } from '../../limits/limiter.js';

/** A place behind the first gate. Whoever holds it gives it back, however the request ends. */
export class Entry {
  private isHeld = true;
  private hasCalled = false;
  /** The limits of endpoints whose requests and places it has taken. */
  private readonly endpoints = new Set<string>();

  /** @param places counts those that are held. @param taken at the first gate; endpoints' come later. */
  constructor(
    private readonly limiter: Limiter,
    private readonly places: { held: number },
    /** Those of the caller, and later of the endpoints that it calls. */
    public limits: readonly CallLimit[],
    private taken: readonly Need[],
    /** Its calls wait behind those of others. */
    readonly hasTime = false,
  ) {
    places.held += 1;
  }

  /** What a call of an endpoint takes beside tokens: of each endpoint once, however often it is tried. */
  needsOf(endpoint: readonly CallLimit[]): Need[] {
    return endpoint.flatMap((limit) => (limit.kind === 'tokens' || this.endpoints.has(limit.id) ? [] : [{ limit, units: 1 }]));
  }

  /** A call goes out, for which these were taken. */
  calls(endpoint: readonly CallLimit[], taken: readonly Need[]): void {
    this.hasCalled = true;
    const further = endpoint.filter(({ id }) => !this.endpoints.has(id));
    if (further.length === 0) return;
    for (const { id } of further) this.endpoints.add(id);
    this.limits = [...this.limits, ...further];
    this.taken = [...this.taken, ...taken];
    if (!this.isHeld) this.limiter.giveBack(taken.filter(({ limit }) => limit.kind === 'parallel'));
  }

  /** The call was refused by a limit: where none went out before, its request costs nothing. */
  refuse(): void {
    if (this.hasCalled) return;
    this.limiter.giveBack(this.taken.filter(({ limit }) => limit.kind === 'requests'));
    this.taken = this.taken.filter(({ limit }) => limit.kind !== 'requests');
  }

  /** Gives the place back. The second time does nothing. */
  leave(): void {
    if (!this.isHeld) return;
    this.isHeld = false;
    this.places.held -= 1;
    if (this.taken.length > 0) this.limiter.giveBack(this.taken.filter(({ limit }) => limit.kind === 'parallel'));
  }
}
