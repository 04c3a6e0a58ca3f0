import type { JobPayload } from '../../contracts/jobs.js';
import { StoredExpiryService } from '../../modules/stored-completions/stored-expiry.service.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Removes what clients asked to store and tenants do not keep any longer, every hour. */
@Processes('stored.expire')
export class StoredExpireProcessor implements JobProcessor<'stored.expire'> {
  constructor(private readonly stored: StoredExpiryService) {}

  async process(_payload: JobPayload<'stored.expire'>, run: JobRun): Promise<void> {
    await this.stored.expire(run.signal);
  }
}
