import type { JobPayload } from '../../contracts/jobs.js';
import { ErasureSweep } from '../../modules/erasure/erasure-sweep.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Queues erasures that are due, every five seconds. */
@Processes('erasures.sweep')
export class ErasuresSweepProcessor implements JobProcessor<'erasures.sweep'> {
  constructor(private readonly sweep: ErasureSweep) {}

  async process(_payload: JobPayload<'erasures.sweep'>, run: JobRun): Promise<void> {
    await this.sweep.sweep(run.signal);
  }
}
