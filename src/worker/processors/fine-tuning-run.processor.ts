import type { JobPayload } from '../../contracts/jobs.js';
import { TuningRunner } from '../../modules/fine-tuning/run/tuning-runner.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Does what a fine-tuning job needs next. */
@Processes('fine-tuning.run')
export class FineTuningRunProcessor implements JobProcessor<'fine-tuning.run'> {
  constructor(private readonly runner: TuningRunner) {}

  async process({ tenantId, jobId }: JobPayload<'fine-tuning.run'>, run: JobRun): Promise<void> {
    await this.runner.run(tenantId, jobId, run.signal);
  }
}
