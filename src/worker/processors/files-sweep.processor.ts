import type { JobPayload } from '../../contracts/jobs.js';
import { FileSweepService } from '../../modules/files/ingestion/file-sweep.service.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Queues files that a crash left without a job, every half minute. */
@Processes('files.sweep')
export class FilesSweepProcessor implements JobProcessor<'files.sweep'> {
  constructor(private readonly sweeps: FileSweepService) {}

  async process(_payload: JobPayload<'files.sweep'>, run: JobRun): Promise<void> {
    await this.sweeps.enqueueLeft(run.signal);
  }
}
