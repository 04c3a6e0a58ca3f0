import type { JobPayload } from '../../contracts/jobs.js';
import { ExpiredUploads } from '../../modules/files/uploads/expired-uploads.service.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Ends uploads that stayed open for too long, every minute. */
@Processes('uploads.expire')
export class UploadsExpireProcessor implements JobProcessor<'uploads.expire'> {
  constructor(private readonly expired: ExpiredUploads) {}

  async process(_payload: JobPayload<'uploads.expire'>, run: JobRun): Promise<void> {
    await this.expired.end(run.signal);
  }
}
