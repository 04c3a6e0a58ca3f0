import ipaddr from 'ipaddr.js';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../../kernel/app-error.js';

const windowSeconds = 60;

/**
 * Slows down who guesses keys: after so many failures a minute from one address (one /64 for IPv6), further failures
 * are answered 429. A good key is never refused, since only failures come here.
 */
export class FailureLimiter {
  private readonly limiter: RateLimiterMemory;

  constructor(failuresPerMinute: number) {
    this.limiter = new RateLimiterMemory({ points: failuresPerMinute, duration: windowSeconds });
  }

  /** Counts one failure; the error to answer when there were too many. */
  async count(ip: string): Promise<AppError | undefined> {
    try {
      await this.limiter.consume(addressKey(ip));
      return undefined;
    } catch (thrown) {
      const waitMs = thrown instanceof RateLimiterRes ? thrown.msBeforeNext : windowSeconds * 1000;
      return new AppError('rate_limit_exceeded', {
        message: `Too many failed authentications from your address. Please try again in ${Math.ceil(waitMs / 1000)}s.`,
        headers: { 'retry-after': String(Math.ceil(waitMs / 1000)), 'retry-after-ms': String(waitMs) },
      });
    }
  }
}

function addressKey(ip: string): string {
  if (!ip.includes(':') || !ipaddr.isValid(ip)) return ip;
  const address = ipaddr.process(ip);
  return address.kind() === 'ipv4' ? address.toString() : (address as ipaddr.IPv6).parts.slice(0, 4).join(':');
}
