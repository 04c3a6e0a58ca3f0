import { Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.module.js';
import { isFields } from '../../../kernel/fields.js';
import { faultPoint } from '../../../platform/fault-point.js';
import { ProviderFault } from '../../provider-jobs/provider-fault.js';
import type { ProviderJob } from '../provider/provider-objects.js';
import type { AskedProvider } from '../../provider-jobs/asked-provider.js';
import { TuningProvider } from '../provider/tuning-provider.js';
import type { TuningRecord } from '../record/tuning-record.js';
import { statusTold, toldChanges } from '../told-changes.js';
import { failed, untilLater, type StepEnd } from './step-end.js';
import type { TuningRun } from './tuning-run.js';

/** A job that was asked for may come late into the provider's list: it is looked for so often, further and further apart. */
const mostLooks = 4;

/**
 * Asks the provider for the job. That it is asked is committed before: whatever happens then, it is looked for, by a mark
 * and by its training file, and never asked for again unless the provider said that it has done nothing.
 */
@Injectable()
export class CreateStep {
  constructor(
    private readonly provider: TuningProvider,
    private readonly config: Config,
  ) {}

  async take(run: TuningRun): Promise<StepEnd> {
    const asked = await run.asked();
    if (run.job.sentAt !== null) return this.look(run, asked);
    await run.write((job) => (job.cancelWanted ? { step: 'clean', failures: 0 } : { sentAt: new Date() }));
    if (run.job.step === 'clean') return 'again';
    this.reach('tuning.after-mark');
    let made: ProviderJob;
    try {
      made = await this.provider.createJob(asked, bodyOf(run.job, asked));
    } catch (error) {
      if (!(error instanceof ProviderFault) || error.mayBeDone) throw error;
      // It says itself that it has done nothing.
      await run.write(() => ({ sentAt: null }));
      throw error;
    }
    this.reach('tuning.after-create');
    return this.keep(run, made);
  }

  private async look(run: TuningRun, asked: AskedProvider): Promise<StepEnd> {
    const { id, trainingCopy, failures } = run.job;
    const found = await this.provider.findJob(asked, id, trainingCopy ?? '');
    if (found !== undefined) return this.keep(run, found);
    if (failures < mostLooks) {
      await run.write((job) => ({ failures: job.failures + 1 }));
      return untilLater(run.pollMs * 2 ** failures);
    }
    return failed({
      code: 'server_error',
      message: 'The provider was asked for this job, and nobody knows whether it has made it. Create the job again.',
      param: null,
    });
  }

  private async keep(run: TuningRun, made: ProviderJob): Promise<StepEnd> {
    await run.write((job) => {
      const status = statusTold(made);
      const isOpen = status === 'validating_files' || status === 'queued' || status === 'running';
      return {
        providerJob: made.id,
        step: 'follow',
        failures: 0,
        ...toldChanges(made),
        ...(isOpen && !job.cancelWanted ? { status } : {}),
      };
    });
    return 'again';
  }

  private reach(step: string): void {
    faultPoint(this.config.GT_FAULT_POINT, step);
  }
}

/** What the provider is told. Of the tenant's own labels it gets the suffix alone. */
function bodyOf(job: TuningRecord, { connection }: AskedProvider): object {
  const { id, baseModel, trainingCopy, validationCopy, suffix, seed, sentMethod, hyperparameters } = job;
  return {
    model: baseModel,
    training_file: trainingCopy,
    ...(validationCopy === null ? {} : { validation_file: validationCopy }),
    ...(suffix === null ? {} : { suffix }),
    ...(seed === null ? {} : { seed }),
    ...(isFields(sentMethod) ? { method: sentMethod } : {}),
    ...(isFields(hyperparameters) ? { hyperparameters } : {}),
    // Not every version of Azure's API knows it.
    ...(connection.hasDeployments ? {} : { metadata: { gt_job: id } }),
  };
}
