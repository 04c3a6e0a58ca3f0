import type { JobPayload } from '../../contracts/jobs.js';
import { ExpiredFiles } from '../../modules/files/tenant/expired-files.service.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Removes files whose time is over, every minute. */
@Processes('files.expire')
export class FilesExpireProcessor implements JobProcessor<'files.expire'> {
  constructor(private readonly expired: ExpiredFiles) {}

  async process(_payload: JobPayload<'files.expire'>, run: JobRun): Promise<void> {
    await this.expired.remove(run.signal);
  }
}
