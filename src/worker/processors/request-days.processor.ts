import type { JobPayload } from '../../contracts/jobs.js';
import { RequestDaysService } from '../../modules/request-log/request-days.service.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Makes the days of the request log ahead, and removes those that are over and what tenants keep no longer, every hour. */
@Processes('requests.days')
export class RequestDaysProcessor implements JobProcessor<'requests.days'> {
  constructor(private readonly days: RequestDaysService) {}

  async process(_payload: JobPayload<'requests.days'>, run: JobRun): Promise<void> {
    await this.days.makeDays();
    await this.days.dropDays(run.signal);
    await this.days.trimTenants(run.signal);
  }
}
