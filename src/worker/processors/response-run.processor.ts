import type { JobPayload } from '../../contracts/jobs.js';
import { BackgroundRunner } from '../../modules/background-runs/background-runner.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Makes a response that nobody waits for. */
@Processes('response.run')
export class ResponseRunProcessor implements JobProcessor<'response.run'> {
  constructor(private readonly runner: BackgroundRunner) {}

  async process({ tenantId, responseId }: JobPayload<'response.run'>, run: JobRun): Promise<void> {
    await this.runner.run(tenantId, responseId, run.signal);
  }
}
