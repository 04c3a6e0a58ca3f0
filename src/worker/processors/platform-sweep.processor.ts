import type { JobPayload } from '../../contracts/jobs.js';
import { BudgetThresholds } from '../../modules/budgets/budget-thresholds.js';
import { SweepService } from '../../modules/system/sweep.service.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Removes what has expired, and tells of budgets that nobody told of, every minute. */
@Processes('platform.sweep')
export class PlatformSweepProcessor implements JobProcessor<'platform.sweep'> {
  constructor(
    private readonly sweeps: SweepService,
    private readonly thresholds: BudgetThresholds,
  ) {}

  async process(_payload: JobPayload<'platform.sweep'>, run: JobRun): Promise<void> {
    await this.sweeps.sweep(run.signal);
    await this.thresholds.tell();
  }
}
