import type { JobPayload } from '../../contracts/jobs.js';
import { FileProcessingService } from '../../modules/files/ingestion/file-processing.service.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Makes one attempt at a file. */
@Processes('file.process')
export class FileProcessProcessor implements JobProcessor<'file.process'> {
  constructor(private readonly files: FileProcessingService) {}

  async process({ tenantId, fileId }: JobPayload<'file.process'>, run: JobRun): Promise<void> {
    await this.files.process(tenantId, fileId, run.signal);
  }
}
