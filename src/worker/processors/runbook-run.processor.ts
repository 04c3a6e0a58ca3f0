import type { JobPayload } from '../../contracts/jobs.js';
import { RunbookRunner } from '../../modules/runbook-runs/runbook-runner.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Verifies a runbook against this installation. */
@Processes('runbook.run')
export class RunbookRunProcessor implements JobProcessor<'runbook.run'> {
  constructor(private readonly runner: RunbookRunner) {}

  async process({ tenantId, runId }: JobPayload<'runbook.run'>, run: JobRun): Promise<void> {
    await this.runner.run(tenantId, runId, run.signal);
  }
}
