import { Injectable } from '@nestjs/common';
import { Metrics } from '../../observability/metrics.js';
import { CallLimiter } from './call-limiter.js';

/** Shows how limits stand among the process's metrics: by what they count, never whose they are. */
@Injectable()
export class LimitMetrics {
  constructor(metrics: Metrics, limiter: CallLimiter) {
    metrics.watch('gt_limit_store_up', '1 while the store of the limits answers, 0 while limits go on without it.', () =>
      limiter.storeFailure === undefined ? 1 : 0,
    );
    metrics.watch('gt_limit_leases', 'Limits of which this process holds a part.', () => limiter.counts().leases);
    metrics.watch('gt_limit_waiting_calls', 'Calls that wait for the store of the limits.', () => limiter.counts().waiting);
    metrics.watch(
      'gt_limit_processes',
      'Processes that take from limits, as the store counts them.',
      () => limiter.counts().processes,
    );
    metrics.watchEach(
      'gt_limit_lowest_left_ratio',
      'What is left of the limit of which least is left, among those that this process holds a part of, by what it counts.',
      'limit',
      () => limiter.lowestLeft(({ kind }) => kind),
    );
  }
}
