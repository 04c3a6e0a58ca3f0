import { bulkhead, type BulkheadPolicy } from 'cockatiel';
import type { ConnectionLimits } from '../../../contracts/connection-limits.js';
import { Breaker, type BreakerState, type WatchedCall } from './breaker.js';
import type { CallOutcome } from './call-outcome.js';
import type { ConnectionHealth } from './connection-health.js';
import { RecentCalls, recentMs } from './recent-calls.js';

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

/** What a connection tells its circuit. */
export interface CircuitSettings {
  /** Where the provider is asked and by which way, in one text. */
  readonly place: string;
  readonly limits: ConnectionLimits;
}

/** How a call came out, for the metrics. */
export type CallResult = 'ok' | 'failed' | 'left' | 'refused';

/** Who hears of what goes on at a circuit. */
export interface CircuitWatcher {
  /** The breaker opens or closes. */
  turned(state: 'open' | 'closed'): void;
  counted(result: CallResult): void;
}

/** Of a circuit that nobody calls over. */
export const nobody: CircuitWatcher = { turned: () => undefined, counted: () => undefined };

const fullMs = 1000;

/**
 * What stands in this process before all calls over one connection: its breaker and its bulkhead, where it has them. It goes
 * on when the connection is read anew.
 */
export class Circuit {
  private settings: CircuitSettings | undefined;
  private breaker: Breaker | undefined;
  private places: BulkheadPolicy | undefined;
  private readonly recent = new RecentCalls();
  private lastCallMs = -Infinity;

  /** @param watcher hears of what goes on. */
  constructor(private readonly watcher: CircuitWatcher) {}

  /**
   * Takes the connection's settings as they are now. With another place or another breaker nothing is held against the
   * provider; another bulkhead counts the calls that begin from now on.
   */
  set(settings: CircuitSettings): this {
    const { place, limits } = settings;
    const before = this.settings;
    this.settings = settings;
    const { breaker, max_parallel: most } = limits;
    if (place !== before?.place || !isSame(breaker, before.limits.breaker))
      this.breaker = breaker === null ? undefined : new Breaker(breaker, (state) => this.watcher.turned(state));
    if (most !== (before?.limits.max_parallel ?? null)) this.places = most === null ? undefined : bulkhead(most, 0);
    return this;
  }

  /** `half_open` also when the rest of an open breaker is over: the next call tries. */
  get state(): BreakerState {
    const state = this.breaker?.state ?? 'closed';
    return state === 'open' && this.breaker?.waitMs === 0 ? 'half_open' : state;
  }

  /** Lets a call through or refuses it, at once. Whoever is let through says how the call ended. */
  enter(): LetThrough | CallRefused {
    const waitMs = this.breaker?.waitMs ?? 0;
    if (waitMs > 0) return this.refuse('resting', waitMs);
    if (this.places?.executionSlots === 0) return this.refuse('full', fullMs);
    return new Passage(this.breaker?.begin(), this.places, (outcome) => this.ended(outcome));
  }

  /** How the connection fares in this process. */
  health(nowMs: number): ConnectionHealth {
    const { state } = this;
    const retryAtMs = state === 'open' ? nowMs + (this.breaker?.waitMs ?? 0) : null;
    return { state, retryAtMs, ...this.recent.sums(nowMs) };
  }

  /** There is nothing to tell of it. */
  isIdle(nowMs: number): boolean {
    return nowMs - this.lastCallMs > recentMs && this.state === 'closed';
  }

  private refuse(refused: CallRefused['refused'], waitMs: number): CallRefused {
    this.watcher.counted('refused');
    return { refused, waitMs };
  }

  private ended({ provider, failure }: CallOutcome): void {
    this.lastCallMs = Date.now();
    this.recent.add(this.lastCallMs, failure);
    this.watcher.counted(failure !== null ? 'failed' : provider === 'unknown' ? 'left' : 'ok');
  }
}

class Passage implements LetThrough {
  private leave: (() => void) | undefined;
  private isOver = false;

  constructor(
    private readonly watched: WatchedCall | undefined,
    places: BulkheadPolicy | undefined,
    private readonly ended: (outcome: CallOutcome) => void,
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
    this.ended(outcome);
  }
}

function isSame(one: ConnectionLimits['breaker'], other: ConnectionLimits['breaker']): boolean {
  return one?.failures === other?.failures && one?.rest_seconds === other?.rest_seconds;
}
