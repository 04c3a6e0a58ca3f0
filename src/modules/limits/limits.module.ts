import { Module, type BeforeApplicationShutdown } from '@nestjs/common';
import { newId } from '../../kernel/ids.js';
import { Log, redact } from '../../observability/log.js';
import { LimitStore } from '../../platform/limits/limit-store.js';
import { LimitStoreModule } from '../../platform/limits/limit-store.module.js';
import { LimitMetrics } from './limit-metrics.js';
import { Limiter } from './limiter.js';

/** Limits of calls. What a limit is, says call-limit.ts; who asks for them are the gates. */
@Module({
  imports: [LimitStoreModule],
  providers: [LimitMetrics, { provide: Limiter, useFactory: limiterOf, inject: [LimitStore, Log] }],
  exports: [Limiter],
})
export class LimitsModule implements BeforeApplicationShutdown {
  constructor(private readonly limiter: Limiter) {}

  async beforeApplicationShutdown(): Promise<void> {
    await this.limiter.close();
  }
}

function limiterOf(store: LimitStore, log: Log): Limiter {
  const heard = (failure: unknown): void => {
    if (failure === undefined) log.info('limits are exact again', {});
    else log.warn('limits go on without their store', { error: redact(String(failure)) });
  };
  return new Limiter(store, { process: newId('request'), heard });
}
