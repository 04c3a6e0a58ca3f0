import type { JobPayload } from '../../contracts/jobs.js';
import { PassageVectorsService } from '../../modules/files/ingestion/passage-vectors.service.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Moves the vectors that an older release stored into their own table, every minute while there are some. */
@Processes('passages.vectors')
export class PassagesVectorsProcessor implements JobProcessor<'passages.vectors'> {
  constructor(private readonly passages: PassageVectorsService) {}

  async process(_payload: JobPayload<'passages.vectors'>, run: JobRun): Promise<void> {
    await this.passages.bringOver(run.signal);
  }
}
