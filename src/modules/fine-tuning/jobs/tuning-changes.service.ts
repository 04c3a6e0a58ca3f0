import { Injectable } from '@nestjs/common';
import { AppError } from '../../../kernel/app-error.js';
import { TenantDatabase, type Transaction } from '../../../platform/database/tenant-database.js';
import type { RecordingOf } from '../../idempotency/recording.js';
import type { AskedProvider } from '../../provider-jobs/asked-provider.js';
import { ProviderFault } from '../../provider-jobs/provider-fault.js';
import type { ProviderJob } from '../provider/provider-objects.js';
import { TuningProvider } from '../provider/tuning-provider.js';
import { TuningJobsRepository } from '../record/tuning-jobs.repository.js';
import { hasEnded, type TuningPlace, type TuningRecord } from '../record/tuning-record.js';
import { statusTold, toldChanges } from '../told-changes.js';
import { TuningConnections } from '../tuning-connections.js';

export type TuningVerb = 'cancel' | 'pause' | 'resume';

/** Cancels, pauses and resumes jobs: at their provider, once they are there. */
@Injectable()
export class TuningChanges {
  constructor(
    private readonly database: TenantDatabase,
    private readonly jobs: TuningJobsRepository,
    private readonly provider: TuningProvider,
    private readonly connections: TuningConnections,
  ) {}

  /**
   * @throws AppError not_found; invalid_request for a job that has ended or, unless it is cancelled, is not at its provider
   * yet; what the provider answers.
   */
  async change(place: TuningPlace, verb: TuningVerb, recordingOf: RecordingOf<TuningRecord>): Promise<TuningRecord> {
    const { tenantId } = place;
    const here = await this.database.run(tenantId, async (tx) => {
      const job = await this.open(tx, place);
      if (job.providerJob !== null) return { job, isDone: false };
      if (verb !== 'cancel') throw refused(`The job has not begun, so it cannot be ${verb === 'pause' ? 'paused' : 'resumed'}.`);
      const cancelled = await this.cancelHere(tx, job);
      await recordingOf(cancelled)(tx);
      return { job: cancelled, isDone: true };
    });
    return here.isDone ? here.job : this.atProvider(here.job, verb, recordingOf);
  }

  /** The provider does not have the job yet, as far as is known. A run that has asked for it finds it and cancels it there. */
  private cancelHere(tx: Transaction, job: TuningRecord): Promise<TuningRecord> {
    const now = new Date();
    return this.jobs.update(tx, job, { status: 'cancelled', cancelWanted: true, finishedAt: now, nextAt: now });
  }

  private async atProvider(job: TuningRecord, verb: TuningVerb, recordingOf: RecordingOf<TuningRecord>): Promise<TuningRecord> {
    const asked = await this.connections.askedFor(job);
    try {
      const told = await this.changed(asked, job.providerJob ?? '', verb);
      const status = statusTold(told);
      return await this.database.run(job.tenantId, async (tx) => {
        const now = await this.jobs.lock(tx, job);
        if (now === null) throw new AppError('not_found');
        const isCancelled = verb === 'cancel' && status === 'cancelled' && !hasEnded(now);
        const state =
          isCancelled || ((status === 'queued' || status === 'running') && !hasEnded(now) && now.step === 'follow')
            ? { status }
            : {};
        const end = isCancelled ? { finishedAt: new Date() } : {};
        const changed = await this.jobs.update(tx, job, { ...toldChanges(told), ...state, ...end, nextAt: new Date() });
        await recordingOf(changed)(tx);
        return changed;
      });
    } catch (error) {
      throw error instanceof ProviderFault ? error.asAppError() : error;
    }
  }

  /** What is cancelled there already cannot be cancelled again: an earlier call did it, whose answer was lost. */
  private async changed(asked: AskedProvider, id: string, verb: TuningVerb): Promise<ProviderJob> {
    try {
      return await this.provider.change(asked, id, verb);
    } catch (error) {
      if (verb !== 'cancel' || !(error instanceof ProviderFault) || error.kind !== 'refused') throw error;
      const told = await this.provider.job(asked, id);
      if (statusTold(told) !== 'cancelled') throw error;
      return told;
    }
  }

  private async open(tx: Transaction, place: TuningPlace): Promise<TuningRecord> {
    const job = await this.jobs.lock(tx, place);
    if (job === null) throw new AppError('not_found', { message: 'There is no such fine-tuning job.' });
    if (hasEnded(job)) throw refused(`The job has already ended: it is ${job.status}.`);
    return job;
  }
}

function refused(message: string): AppError {
  return new AppError('invalid_request', { message });
}
