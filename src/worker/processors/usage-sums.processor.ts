import type { JobPayload } from '../../contracts/jobs.js';
import { UsageStoreService } from '../../modules/usage/usage-store.service.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Adds up the sums of usage by hours and days, every minute, then goes on bringing over what an older release wrote. */
@Processes('usage.sums')
export class UsageSumsProcessor implements JobProcessor<'usage.sums'> {
  constructor(private readonly store: UsageStoreService) {}

  async process(_payload: JobPayload<'usage.sums'>, run: JobRun): Promise<void> {
    await this.store.addUp(run.signal);
    await this.store.bringOver(run.signal);
  }
}
