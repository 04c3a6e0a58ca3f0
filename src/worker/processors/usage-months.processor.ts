import type { JobPayload } from '../../contracts/jobs.js';
import { UsageStoreService } from '../../modules/usage/usage-store.service.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Makes the partitions of usage ahead, every hour. */
@Processes('usage.months')
export class UsageMonthsProcessor implements JobProcessor<'usage.months'> {
  constructor(private readonly store: UsageStoreService) {}

  async process(_payload: JobPayload<'usage.months'>, run: JobRun): Promise<void> {
    await this.store.makeMonths(run.signal);
  }
}
