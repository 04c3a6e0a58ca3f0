import type { JobPayload } from '../../contracts/jobs.js';
import { EndingKeysService } from '../../modules/key-hygiene/ending-keys.service.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Tells tenants of keys that end soon, or have ended. */
@Processes('keys.ending')
export class KeysEndingProcessor implements JobProcessor<'keys.ending'> {
  constructor(private readonly keys: EndingKeysService) {}

  async process(_payload: JobPayload<'keys.ending'>, run: JobRun): Promise<void> {
    await this.keys.tellAll(run.signal);
  }
}
