import { networkOf } from '../../kernel/addresses.js';
import { AppError } from '../../kernel/app-error.js';

const windowMs = 60_000;
/** Addresses that are remembered at once; the one whose window began first gives way. */
const maxAddresses = 100_000;

interface Failures {
  count: number;
  readonly endsAt: number;
}

/**
 * Slows down who guesses keys: after so many failures a minute from one address (one /64 for IPv6), further failures
 * are answered 429. A good key is never refused, since only failures come here. Counts without a promise or a timer for
 * each address, which made a refusal dearer than a relayed call (docs/decisions/speed.md).
 */
export class FailureLimiter {
  /** In the order in which their windows end. */
  private readonly byAddress = new Map<string, Failures>();

  constructor(private readonly failuresPerMinute: number) {}

  /** Counts one failure; the error to answer when there were too many. @param ip in its normal form. @param now `performance.now()`. */
  count(ip: string, now = performance.now()): AppError | undefined {
    const key = networkOf(ip);
    const known = this.byAddress.get(key);
    if (known === undefined || known.endsAt <= now) {
      this.begin(key, now);
      return undefined;
    }
    known.count += 1;
    return known.count <= this.failuresPerMinute ? undefined : tooMany(Math.ceil(known.endsAt - now));
  }

  /** The error to answer when there were too many already; nothing is counted. */
  refusal(ip: string, now = performance.now()): AppError | undefined {
    const known = this.byAddress.get(networkOf(ip));
    const isOver = known !== undefined && known.endsAt > now && known.count >= this.failuresPerMinute;
    return isOver ? tooMany(Math.ceil(known.endsAt - now)) : undefined;
  }

  private begin(key: string, now: number): void {
    this.byAddress.delete(key);
    for (const [oldest, { endsAt }] of this.byAddress) {
      if (endsAt > now && this.byAddress.size < maxAddresses) break;
      this.byAddress.delete(oldest);
    }
    this.byAddress.set(key, { count: 1, endsAt: now + windowMs });
  }
}

function tooMany(waitMs: number): AppError {
  const seconds = Math.ceil(waitMs / 1000);
  return new AppError('rate_limit_exceeded', {
    message: `Too many failed authentications from your address. Please try again in ${seconds}s.`,
    headers: { 'retry-after': String(seconds), 'retry-after-ms': String(waitMs) },
  });
}
