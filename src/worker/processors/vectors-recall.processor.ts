import type { JobPayload } from '../../contracts/jobs.js';
import { RecallService } from '../../modules/retrieval/recall.service.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Measures once a day how much the searches of each large dataset find. */
@Processes('vectors.recall')
export class VectorsRecallProcessor implements JobProcessor<'vectors.recall'> {
  constructor(private readonly recalls: RecallService) {}

  async process(_payload: JobPayload<'vectors.recall'>, run: JobRun): Promise<void> {
    await this.recalls.measure(run.signal);
  }
}
