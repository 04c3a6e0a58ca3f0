import type { JobPayload } from '../../contracts/jobs.js';
import { TuningSweep } from '../../modules/fine-tuning/run/tuning-sweep.service.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Queues fine-tuning jobs that a crash left without a job, every five seconds. */
@Processes('fine-tuning.sweep')
export class FineTuningSweepProcessor implements JobProcessor<'fine-tuning.sweep'> {
  constructor(private readonly sweep: TuningSweep) {}

  async process(_payload: JobPayload<'fine-tuning.sweep'>, run: JobRun): Promise<void> {
    await this.sweep.sweep(run.signal);
  }
}
