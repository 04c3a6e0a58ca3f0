import type { JobPayload } from '../../contracts/jobs.js';
import { OrphanContents } from '../../modules/files/intake/orphan-contents.service.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Removes contents that no file knows, every quarter of an hour. */
@Processes('files.orphans')
export class FilesOrphansProcessor implements JobProcessor<'files.orphans'> {
  constructor(private readonly orphans: OrphanContents) {}

  async process(_payload: JobPayload<'files.orphans'>, run: JobRun): Promise<void> {
    await this.orphans.removeOrphans(run.signal);
  }
}
