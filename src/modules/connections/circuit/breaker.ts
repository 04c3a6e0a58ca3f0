import {
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleType,
  type CircuitBreakerPolicy,
  type IBackoff,
  type IHalfOpenAfterBackoffContext,
} from 'cockatiel';
import type { ConnectionLimits } from '../../../contracts/connection-limits.js';
import type { CallOutcome } from './call-outcome.js';

export type BreakerSettings = NonNullable<ConnectionLimits['breaker']>;
export type BreakerState = 'closed' | 'half_open' | 'open';

/** One call that the breaker has let through. */
export interface WatchedCall {
  /** The provider has begun a good answer. A call that tries whether it works again has then found out. */
  answering(): void;
  /** Said once. */
  end(outcome: CallOutcome): void;
}

/** A call failed because of its provider, or has not found out what it was to find out. */
class ProviderDown extends Error {}
class NothingFound extends ProviderDown {}

/** Who asks while another call tries the provider is told to come back after this, in milliseconds. */
const trialMs = 1000;

/**
 * A circuit breaker for calls that live from event to event. It opens after so many failures in a row, lets one call try
 * after the rest, and closes when the provider answers that. Where that call waits for its answer as long as the rest was, the
 * next one tries beside it, and what either finds out counts. cockatiel's breaker wants a promise of each call: it gets one for
 * the whole of the call.
 */
export class Breaker {
  private readonly policy: CircuitBreakerPolicy;
  /** Until when nobody asks, in milliseconds of the clock. */
  private restsUntil = 0;
  private readonly restMs: number;
  /** The call that tries, or did. */
  private trial: Trial | undefined;

  /** @param told hears when it opens or closes. */
  constructor(settings: BreakerSettings, told: (state: 'open' | 'closed') => void) {
    const restMs = settings.rest_seconds * 1000;
    this.restMs = restMs;
    this.policy = circuitBreaker(handleType(ProviderDown), {
      breaker: new ConsecutiveBreaker(settings.failures),
      halfOpenAfter: new Rest(restMs),
    });
    this.policy.onBreak((reason) => {
      const isFailure = !isNothing(reason);
      this.restsUntil = isFailure ? Date.now() + restMs : 0;
      if (isFailure) told('open');
    });
    this.policy.onReset(() => told('closed'));
  }

  get state(): BreakerState {
    const { state } = this.policy;
    return state === CircuitState.Closed ? 'closed' : state === CircuitState.HalfOpen ? 'half_open' : 'open';
  }

  /** After how many milliseconds a call may be let through; 0: at once. */
  get waitMs(): number {
    if (this.state === 'closed') return 0;
    if (this.state === 'open') return Math.max(0, this.restsUntil - Date.now());
    return this.trial !== undefined && this.trial.since + this.restMs <= Date.now() ? 0 : trialMs;
  }

  /** Lets a call through. Asked only when nothing is to be waited for. */
  begin(): WatchedCall {
    if (this.state === 'half_open' && this.trial !== undefined) return besides(this.trial);
    const isTrial = this.state === 'open';
    let end = this.watch();
    if (isTrial) this.trial = { end, since: Date.now() };
    let hasAnswered = false;
    return {
      answering: () => {
        if (!isTrial || hasAnswered) return;
        hasAnswered = true;
        end();
      },
      end: ({ provider }) => {
        // What a trial has found is said; how its answer goes on counts like any other call.
        if (hasAnswered && this.state === 'closed') end = this.watch();
        if (provider === 'down') end(new ProviderDown());
        else if (provider === 'alive') end();
        else end(isTrial && !hasAnswered ? new NothingFound() : new Error('The call has left early.'));
      },
    };
  }

  /** @returns what ends the call: with an error, or well. Only ProviderDown counts. */
  private watch(): (error?: Error) => void {
    let end: (error?: Error) => void = () => undefined;
    const call = new Promise<void>((resolve, reject) => {
      end = (error) => (error === undefined ? resolve() : reject(error));
    });
    this.policy.execute(() => call).catch(() => undefined);
    return end;
  }
}

interface Trial {
  /** Says what was found out: an error, or that the provider answers. Only the first counts. */
  readonly end: (error?: Error) => void;
  since: number;
}

/** A call that tries beside one that has not found out anything yet. */
function besides(trial: Trial): WatchedCall {
  trial.since = Date.now();
  return {
    answering: () => trial.end(),
    end: ({ provider }) => {
      if (provider === 'down') trial.end(new ProviderDown());
      else if (provider === 'alive') trial.end();
    },
  };
}

/** A rest of always the same length, but after a call that has found out nothing: then the next one tries at once. */
class Rest implements IBackoff<IHalfOpenAfterBackoffContext> {
  constructor(
    private readonly restMs: number,
    readonly duration = restMs,
  ) {}

  next({ result }: IHalfOpenAfterBackoffContext): Rest {
    return new Rest(this.restMs, isNothing(result) ? 0 : this.restMs);
  }
}

function isNothing(reason: object): boolean {
  return 'error' in reason && reason.error instanceof NothingFound;
}
