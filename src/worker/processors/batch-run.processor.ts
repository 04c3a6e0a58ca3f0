import type { JobPayload } from '../../contracts/jobs.js';
import { BatchRunner } from '../../modules/batch-runs/batch-runner.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Goes on with a batch. */
@Processes('batch.run')
export class BatchRunProcessor implements JobProcessor<'batch.run'> {
  constructor(private readonly runner: BatchRunner) {}

  async process({ tenantId, batchId }: JobPayload<'batch.run'>, run: JobRun): Promise<void> {
    await this.runner.run({ tenantId, id: batchId }, run.signal);
  }
}
