import type { JobPayload } from '../../contracts/jobs.js';
import { RunbookSweep } from '../../modules/runbook-runs/runbook-sweep.service.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Queues runs of runbooks that a crash left without a job, every five seconds. */
@Processes('runbooks.sweep')
export class RunbooksSweepProcessor implements JobProcessor<'runbooks.sweep'> {
  constructor(private readonly sweep: RunbookSweep) {}

  async process(_payload: JobPayload<'runbooks.sweep'>, run: JobRun): Promise<void> {
    await this.sweep.sweep(run.signal);
  }
}
