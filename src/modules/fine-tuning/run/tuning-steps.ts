import { Injectable } from '@nestjs/common';
import { AppError } from '../../../kernel/app-error.js';
import { Log } from '../../../observability/log.js';
import { ProviderFault } from '../../provider-jobs/provider-fault.js';
import { ContentHolds } from '../../files/intake/content-holds.js';
import type { TuningError } from '../record/tuning-record.js';
import { CopyStep } from './copy-step.js';
import { CreateStep } from './create-step.js';
import { FinishStep } from './finish-step.js';
import { FollowStep, jobGone } from './follow-step.js';
import type { StepEnd } from './step-end.js';
import { isConnectionGone, type TuningRun } from './tuning-run.js';

/** What may pass is tried so often in a row before a job is at its provider. */
const mostFailures = 6;
/** A provider that says nothing of a job for so long has lost it: in pauses between two questions. */
const mostSilentPauses = 25_000;
const longestPauseMs = 300_000;

/** The steps of a job, and what their failures mean. */
@Injectable()
export class TuningSteps {
  constructor(
    private readonly copy: CopyStep,
    private readonly create: CreateStep,
    private readonly follow: FollowStep,
    private readonly finish: FinishStep,
    private readonly holds: ContentHolds,
    private readonly log: Log,
  ) {}

  /**
   * Takes the step that is next. @returns how long the job waits then; undefined where the next step follows at once.
   * @throws LostTuningError; the signal's reason; what the database or the storage throws.
   */
  async take(run: TuningRun): Promise<number | undefined> {
    try {
      const end = await this.step(run);
      if (end === 'again') return undefined;
      if ('waitMs' in end) return end.waitMs;
      await run.fail(end.error);
      return undefined;
    } catch (error) {
      run.signal.throwIfAborted();
      if (error instanceof ProviderFault) return this.afterFault(run, error);
      if (isConnectionGone(error) || (error instanceof AppError && error.code === 'oauth_unavailable'))
        return this.afterFault(run, new ProviderFault('away', false, error.message, { cause: error }));
      if (error instanceof AppError && error.code === 'not_found') {
        await run.fail({ code: 'invalid_file', message: error.message, param: null });
        return undefined;
      }
      throw error;
    }
  }

  private step(run: TuningRun): Promise<StepEnd> {
    switch (run.job.step) {
      case 'copy':
        return this.copy.take(run);
      case 'create':
        return this.create.take(run);
      case 'follow':
        return this.follow.take(run);
      case 'finish':
        return this.finish.take(run);
      default:
        return this.clean(run);
    }
  }

  /** Nothing of the tenant's stays at the provider but what the job has made. */
  private async clean(run: TuningRun): Promise<StepEnd> {
    if (run.job.failures < mostFailures) await this.copy.remove(run);
    await run.write(async (job, tx) => {
      await this.holds.release(tx, job.tenantId, job.id);
      return { step: 'done', failures: 0 };
    });
    return 'again';
  }

  private async afterFault(run: TuningRun, fault: ProviderFault): Promise<number | undefined> {
    const { step, sentAt, failures } = run.job;
    this.log.info('a provider did not do what a fine-tuning job needed', {
      tenant_id: run.claim.tenantId,
      job_id: run.claim.id,
      step,
      kind: fault.kind,
      error: String(fault.further.cause ?? fault.message),
    });
    if (step === 'follow') return this.silent(run, fault);
    if (step === 'copy' || step === 'create') {
      const isFinal = fault.kind === 'refused' || (fault.kind === 'absent' && sentAt === null);
      if (isFinal || failures >= mostFailures) {
        await run.fail(errorOf(fault, sentAt !== null));
        return undefined;
      }
    }
    if (step === 'finish' && failures >= mostFailures) {
      await this.finish.endWithoutResults(run);
      return undefined;
    }
    await run.write((job) => ({ failures: job.failures + 1 }));
    return this.pauseOf(run, fault);
  }

  /** The job may go on at the provider, whatever its answers are: it is given up only after days. */
  private async silent(run: TuningRun, fault: ProviderFault): Promise<number | undefined> {
    const { silentSince, failures } = run.job;
    const since = silentSince ?? new Date();
    const isLost = Date.now() - since.getTime() > run.pollMs * mostSilentPauses;
    if (isLost || (fault.kind === 'absent' && failures >= 2)) {
      const error: TuningError = isLost ? { code: 'server_error', message: `For days: ${fault.message}`, param: null } : gone();
      await run.fail(error);
      return undefined;
    }
    await run.write((job) => ({ failures: job.failures + 1, silentSince: since }));
    return this.pauseOf(run, fault);
  }

  private pauseOf({ pollMs, job }: TuningRun, { further }: ProviderFault): number {
    const usual = pollMs * 2 ** Math.min(job.failures - 1, 10);
    return Math.min(Math.max(usual, further.waitMs ?? 0), longestPauseMs);
  }
}

function gone(): TuningError {
  return typeof jobGone === 'object' && 'error' in jobGone
    ? jobGone.error
    : { code: 'server_error', message: 'The job is gone.', param: null };
}

/** Why a job failed that its provider never had, or of which nobody knows. */
function errorOf(fault: ProviderFault, isSent: boolean): TuningError {
  const { param = null, code = null } = fault.further;
  if (fault.kind === 'refused')
    return {
      code: code !== null && /^[a-z][a-z0-9_]{0,63}$/.test(code) ? code : 'invalid_request',
      message: fault.message,
      param,
    };
  const unknown = isSent ? ' Nobody knows whether it has made the job.' : '';
  return { code: 'server_error', message: fault.message + unknown, param: null };
}
