import type { JobPayload } from '../../contracts/jobs.js';
import { BackgroundSweep } from '../../modules/background-runs/background-sweep.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Mends what crashes left of responses in the background, every five seconds. */
@Processes('responses.sweep')
export class ResponsesSweepProcessor implements JobProcessor<'responses.sweep'> {
  constructor(private readonly sweep: BackgroundSweep) {}

  async process(_payload: JobPayload<'responses.sweep'>, run: JobRun): Promise<void> {
    await this.sweep.sweep(run.signal);
  }
}
