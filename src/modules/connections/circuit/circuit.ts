import { bulkhead, type BulkheadPolicy } from 'cockatiel';
import type { ConnectionLimits } from '../../../contracts/connection-limits.js';
import { Breaker, type BreakerState, type WatchedCall } from './breaker.js';
import type { CallOutcome } from './call-outcome.js';

/** Why a call is not let through: the provider is left alone, or as many calls are under way as may be. */
export interface CallRefused {
  readonly refused: 'resting' | 'full';
  /** When it may be tried again, in milliseconds. */
  readonly waitMs: number;
}

/** One call that was let through. However it ends, `end` gives its place back; only the first one counts. */
export interface LetThrough {
  readonly refused?: undefined;
  /** The provider has begun a good answer. */
  answering(): void;
  end(outcome: CallOutcome): void;
}

/** What one is that changes a circuit: the address that is called, and the limits. */
export interface CircuitSettings {
  readonly baseUrl: string;
  readonly limits: ConnectionLimits;
}

const fullMs = 1000;

/**
 * What stands in this process before all calls over one connection: its breaker and its bulkhead, where it has them. It goes
 * on when the connection is read anew.
 */
export class Circuit {
  private settings: CircuitSettings | undefined;
  private breaker: Breaker | undefined;
  private places: BulkheadPolicy | undefined;

  /** @param told hears when the breaker opens or closes. */
  constructor(private readonly told: (state: 'open' | 'closed') => void) {}

  /**
   * Takes the connection's settings as they are now. With another address or another breaker nothing is held against the
   * provider; another bulkhead counts the calls that begin from now on.
   */
  set(settings: CircuitSettings): this {
    const { baseUrl, limits } = settings;
    const before = this.settings;
    this.settings = settings;
    const { breaker, max_parallel: most } = limits;
    if (baseUrl !== before?.baseUrl || !isSame(breaker, before.limits.breaker))
      this.breaker = breaker === null ? undefined : new Breaker(breaker, this.told);
    if (most !== (before?.limits.max_parallel ?? null)) this.places = most === null ? undefined : bulkhead(most, 0);
    return this;
  }

  get state(): BreakerState {
    return this.breaker?.state ?? 'closed';
  }

  /** Lets a call through or refuses it, at once. Whoever is let through says how the call ended. */
  enter(): LetThrough | CallRefused {
    const waitMs = this.breaker?.waitMs ?? 0;
    if (waitMs > 0) return { refused: 'resting', waitMs };
    if (this.places?.executionSlots === 0) return { refused: 'full', waitMs: fullMs };
    return new Passage(this.breaker?.begin(), this.places);
  }
}

class Passage implements LetThrough {
  private leave: (() => void) | undefined;
  private isOver = false;

  constructor(
    private readonly watched: WatchedCall | undefined,
    places: BulkheadPolicy | undefined,
  ) {
    if (places === undefined) return;
    const call = new Promise<void>((resolve) => {
      this.leave = resolve;
    });
    void places.execute(() => call);
  }

  answering(): void {
    this.watched?.answering();
  }

  end(outcome: CallOutcome): void {
    if (this.isOver) return;
    this.isOver = true;
    this.leave?.();
    this.watched?.end(outcome);
  }
}

function isSame(one: ConnectionLimits['breaker'], other: ConnectionLimits['breaker']): boolean {
  return one?.failures === other?.failures && one?.rest_seconds === other?.rest_seconds;
}
