import type { JobPayload } from '../../contracts/jobs.js';
import { ErasureRunner } from '../../modules/erasure/erasure-runner.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Erases a tenant that an operator has asked for. */
@Processes('erasure.run')
export class ErasureRunProcessor implements JobProcessor<'erasure.run'> {
  constructor(private readonly runner: ErasureRunner) {}

  async process({ erasureId }: JobPayload<'erasure.run'>, run: JobRun): Promise<void> {
    await this.runner.run(erasureId, run.signal);
  }
}
