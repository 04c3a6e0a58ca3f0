import type { JobPayload } from '../../contracts/jobs.js';
import { FileProcessingService } from '../../modules/files/ingestion/file-processing.service.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Makes one attempt at a file for a further target. */
@Processes('ingestion.process')
export class IngestionProcessProcessor implements JobProcessor<'ingestion.process'> {
  constructor(private readonly files: FileProcessingService) {}

  async process({ tenantId, ingestionId }: JobPayload<'ingestion.process'>, run: JobRun): Promise<void> {
    await this.files.process(tenantId, ingestionId, run.signal);
  }
}
