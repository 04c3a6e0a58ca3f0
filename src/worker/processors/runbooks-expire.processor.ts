import type { JobPayload } from '../../contracts/jobs.js';
import { RunbookSweep } from '../../modules/runbook-runs/runbook-sweep.service.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Removes old runs of runbooks, every hour. */
@Processes('runbooks.expire')
export class RunbooksExpireProcessor implements JobProcessor<'runbooks.expire'> {
  constructor(private readonly sweep: RunbookSweep) {}

  async process(_payload: JobPayload<'runbooks.expire'>, run: JobRun): Promise<void> {
    await this.sweep.expire(run.signal);
  }
}
