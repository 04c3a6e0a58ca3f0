import { Injectable } from '@nestjs/common';
import { TenantDatabase } from '../../../platform/database/tenant-database.js';
import { ProviderFault } from '../../provider-jobs/provider-fault.js';
import type { ProviderCheckpoint, ProviderEvent, ProviderJob } from '../provider/provider-objects.js';
import { cleanData, cleanText, type Told } from '../../provider-jobs/told-texts.js';
import type { AskedProvider } from '../../provider-jobs/asked-provider.js';
import { TuningProvider } from '../provider/tuning-provider.js';
import { TuningHistoryRepository, type NewTuningCheckpoint, type NewTuningEvent } from '../record/tuning-history.repository.js';
import type { TuningChange } from '../record/tuning-jobs.repository.js';
import { hasEnded, type TuningRecord } from '../record/tuning-record.js';
import { errorTold, statusTold, toldChanges } from '../told-changes.js';
import { toldOf } from '../tuning-names.js';
import { failed, untilLater, type StepEnd } from './step-end.js';
import type { TuningRun } from './tuning-run.js';

/** So many new events are read at a time. */
const mostNewEvents = 2_000;
/** While nothing changes, a provider is asked less and less often, up to so many times the usual pause. */
const slowest = 6;

type Json = NewTuningEvent['data'];

/** Asks the provider how far a job is, and keeps what it tells. */
@Injectable()
export class FollowStep {
  constructor(
    private readonly provider: TuningProvider,
    private readonly history: TuningHistoryRepository,
    private readonly database: TenantDatabase,
  ) {}

  async take(run: TuningRun): Promise<StepEnd> {
    const asked = await run.asked();
    const { providerJob, cancelWanted } = run.job;
    const id = providerJob ?? '';
    if (cancelWanted) return this.cancel(run, asked, id);
    const told = await this.provider.job(asked, id);
    const news = await this.read(run, asked, id, told);
    const before = run.job.status;
    await run.write((job) => ({ ...toldChanges(told), ...stateOf(job, told, asked), failures: 0, silentSince: null }));
    if (run.job.step !== 'follow') return 'again';
    return untilLater(this.pauseOf(run, news > 0 || run.job.status !== before));
  }

  private pauseOf({ job, pollMs }: TuningRun, isNews: boolean): number {
    const quietMs = Date.now() - job.createdAt.getTime();
    return isNews ? pollMs : Math.min(pollMs * slowest, Math.max(pollMs, quietMs / 10));
  }

  /** It was cancelled before anybody knew that the provider has it. */
  private async cancel(run: TuningRun, asked: AskedProvider, id: string): Promise<StepEnd> {
    try {
      await this.provider.change(asked, id, 'cancel');
    } catch (error) {
      // What has ended cannot be cancelled, and need not be.
      if (!(error instanceof ProviderFault) || (error.kind !== 'refused' && error.kind !== 'absent')) throw error;
    }
    await run.write(() => ({ step: 'clean', failures: 0 }));
    return 'again';
  }

  /** @returns how many events are new. */
  private async read(run: TuningRun, asked: AskedProvider, id: string, told: ProviderJob): Promise<number> {
    const { tenantId } = run.claim;
    const known = await this.database.run(tenantId, (tx) => this.history.knownEvents(tx, run.claim));
    const fresh: ProviderEvent[] = [];
    for await (const event of this.provider.events(asked, id)) {
      if (known.has(event.id) || fresh.length >= mostNewEvents) break;
      fresh.push(event);
    }
    // Behind the events, which may name what was made since the job was read.
    const checkpoints = await this.provider.checkpoints(asked, id).catch(noneWhere('absent'));
    const { fine_tuned_model: model } = told.fine_tuned_model || fresh.length === 0 ? told : await this.provider.job(asked, id);
    // Providers list the newest first; they are kept in the order in which they were made.
    checkpoints.sort((one, other) => one.step_number - other.step_number);
    const kept = await this.database.run(tenantId, async (tx) => {
      await this.history.addCheckpoints(tx, run.claim, checkpoints.map(newCheckpoint));
      return this.history.allCheckpoints(tx, run.claim);
    });
    const job = { ...run.job, providerModel: model ?? run.job.providerModel };
    const clean: Told = { ...toldOf(job, kept), secrets: asked.connection.secretTexts };
    const events = fresh.reverse().map((event) => newEvent(event, clean));
    await this.database.run(tenantId, (tx) => this.history.addEvents(tx, run.claim, events));
    return events.length;
  }
}

/** What the provider's state makes of ours. A success is told when its files and its model are there. */
function stateOf(job: TuningRecord, told: ProviderJob, { connection }: AskedProvider): TuningChange {
  if (hasEnded(job)) return { step: 'clean' };
  const status = statusTold(told);
  if (status === undefined) return {};
  const finishedAt = told.finished_at == null ? new Date() : new Date(told.finished_at * 1000);
  if (status === 'succeeded')
    return { status: 'running', step: 'finish', finishedAt, providerModel: told.fine_tuned_model ?? null, estimatedFinish: null };
  if (status === 'cancelled') return { status, step: 'clean', finishedAt };
  if (status === 'failed')
    return { status, step: 'clean', finishedAt, error: { ...errorTold(told, job, connection.secretTexts) } };
  return { status };
}

/** The end of a job that its provider does not know any more. */
export const jobGone = failed({ code: 'server_error', message: 'The provider does not know this job any more.', param: null });

function newEvent({ id, created_at, level, message, type, data }: ProviderEvent, told: Told): NewTuningEvent {
  return {
    providerId: id,
    createdAt: new Date(created_at * 1000),
    level: level === 'error' ? 'error' : level === 'warn' || level === 'warning' ? 'warn' : 'info',
    type: type === 'metrics' ? 'metrics' : 'message',
    message: cleanText(message, told),
    data: cleanData(data, told) as Json,
  };
}

function newCheckpoint({ id, created_at, step_number, metrics, ...one }: ProviderCheckpoint): NewTuningCheckpoint {
  const numbers = Object.entries(metrics ?? {}).filter(
    ([name, value]) => /^[a-z0-9_]{1,64}$/.test(name) && Number.isFinite(value),
  );
  return {
    providerId: id,
    createdAt: new Date(created_at * 1000),
    providerModel: one.fine_tuned_model_checkpoint,
    stepNumber: step_number,
    metrics: Object.fromEntries(numbers.slice(0, 64)) as Json,
  };
}

/** Not every provider has them. */
function noneWhere(kind: ProviderFault['kind']): (error: unknown) => never[] {
  return (error) => {
    if (error instanceof ProviderFault && error.kind === kind) return [];
    throw error;
  };
}
