import { Module, type BeforeApplicationShutdown } from '@nestjs/common';
import { newId } from '../../kernel/ids.js';
import { Log, redact } from '../../observability/log.js';
import { LimitStore } from '../../platform/limits/limit-store.js';
import { LimitStoreModule } from '../../platform/limits/limit-store.module.js';
import { LimitMetrics } from './limit-metrics.js';
import { CallLimiter } from './call-limiter.js';

/** Limits of calls. What a limit is, says call-limit.ts; who asks for them are the gates. */
@Module({
  imports: [LimitStoreModule],
  providers: [LimitMetrics, { provide: CallLimiter, useFactory: limiterOf, inject: [LimitStore, Log] }],
  exports: [CallLimiter],
})
export class LimitsModule implements BeforeApplicationShutdown {
  constructor(private readonly limiter: CallLimiter) {}

  async beforeApplicationShutdown(): Promise<void> {
    await this.limiter.close();
  }
}

function limiterOf(store: LimitStore, log: Log): CallLimiter {
  const heard = (failure: unknown): void => {
    if (failure === undefined) log.info('limits are exact again', {});
    else log.warn('limits go on without their store', { error: redact(String(failure)) });
  };
  const process = newId('request');
  return new CallLimiter(store, { process: () => process, heard });
}
