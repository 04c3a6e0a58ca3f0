import type { JobPayload } from '../../contracts/jobs.js';
import { StoreSweepService } from '../../modules/vector-stores/store-sweep.service.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Removes what has left vector stores, every minute. */
@Processes('vector-stores.sweep')
export class VectorStoresSweepProcessor implements JobProcessor<'vector-stores.sweep'> {
  constructor(private readonly stores: StoreSweepService) {}

  async process(_payload: JobPayload<'vector-stores.sweep'>, run: JobRun): Promise<void> {
    await this.stores.sweep(run.signal);
  }
}
