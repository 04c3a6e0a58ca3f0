import type { JobPayload } from '../../contracts/jobs.js';
import { BatchSweep } from '../../modules/batch-runs/batch-sweep.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Mends what crashes left of batches and ends those whose window is over, every five seconds. */
@Processes('batches.sweep')
export class BatchesSweepProcessor implements JobProcessor<'batches.sweep'> {
  constructor(private readonly sweep: BatchSweep) {}

  async process(_payload: JobPayload<'batches.sweep'>, run: JobRun): Promise<void> {
    await this.sweep.sweep(run.signal);
  }
}
