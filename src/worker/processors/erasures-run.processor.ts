import type { JobPayload } from '../../contracts/jobs.js';
import { ErasureRunner } from '../../modules/erasure/erasure-runner.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Erases the tenants that operators have asked for, every few seconds. */
@Processes('erasures.run')
export class ErasuresRunProcessor implements JobProcessor<'erasures.run'> {
  constructor(private readonly runner: ErasureRunner) {}

  async process(_payload: JobPayload<'erasures.run'>, run: JobRun): Promise<void> {
    await this.runner.runDue(run.signal);
  }
}
