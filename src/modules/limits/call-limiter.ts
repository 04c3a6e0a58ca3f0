import type { LimitAnswer, LimitAsk, LimitStore } from '../../platform/limits/limit-store.js';
import type { CallLimit } from './call-limit.js';
import { Limiter, type LimiterOptions } from './limiter.js';
import { ParallelLease } from './parallel-lease.js';
import { RateLease } from './rate-lease.js';

type CallLease = ParallelLease | RateLease;

/** The limits of calls: those in a minute, their tokens in a minute, and how many run at once. */
export class CallLimiter extends Limiter<CallLimit, LimitAsk, LimitAnswer, CallLease> {
  constructor(store: LimitStore, options: Omit<LimiterOptions<CallLimit, CallLease>, 'leaseOf'>) {
    super(store, {
      ...options,
      leaseOf: (limit) => (limit.kind === 'parallel' ? new ParallelLease(limit) : new RateLease(limit)),
    });
  }
}
