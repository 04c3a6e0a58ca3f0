import { Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.module.js';
import { AppError } from '../../../kernel/app-error.js';
import { Log } from '../../../observability/log.js';
import { TenantDatabase } from '../../../platform/database/tenant-database.js';
import { EndpointDirectory } from '../../agents/endpoint-directory.js';
import type { HandoverRecord } from '../../batches/batch-handover.js';
import { BatchHandoversRepository } from '../../batches/batch-handovers.repository.js';
import { BatchLinesRepository } from '../../batches/batch-lines.repository.js';
import { BatchesRepository } from '../../batches/batches.repository.js';
import { ContentHolds } from '../../files/intake/content-holds.js';
import { NotHandedOnError } from '../../inference/call/given-answer.js';
import { ProviderFault } from '../../provider-jobs/provider-fault.js';
import type { BatchRun } from '../open-batch-runs.js';
import { CleanStep } from './clean-step.js';
import { CollectStep } from './collect-step.js';
import { FollowStep } from './follow-step.js';
import { HandoverRun, type HandoverTools, type StepEnd } from './handover-run.js';
import { SendStep } from './send-step.js';
import { errorOf } from './told-batch.js';

const longestPauseMs = 300_000;
/** A provider that knows nothing of a batch so often in a row has lost it. */
const mostAbsences = 3;
/** So often what stands at a provider is tried to be removed. */
const mostCleanings = 8;
/** So long after its window a provider is still asked for the rest of a batch. */
const graceMs = 3_600_000;

/** The steps of a batch that its provider makes, and what their failures mean. */
@Injectable()
export class HandoverSteps {
  private readonly tools: HandoverTools;

  constructor(
    private readonly send: SendStep,
    private readonly follow: FollowStep,
    private readonly collect: CollectStep,
    private readonly clean: CleanStep,
    private readonly batches: BatchesRepository,
    private readonly handovers: BatchHandoversRepository,
    private readonly holds: ContentHolds,
    private readonly log: Log,
    database: TenantDatabase,
    lines: BatchLinesRepository,
    endpoints: EndpointDirectory,
    config: Config,
  ) {
    const { GT_FAULT_POINT: faultSetting, GT_BATCH_POLL_MS: pollMs } = config;
    this.tools = { database, lines, handovers, endpoints, faultSetting, pollMs };
  }

  /** In how many milliseconds there is something to do; 0: now. */
  dueMs({ nextAt }: HandoverRecord, isUrgent: boolean): number {
    return isUrgent ? 0 : Math.max(0, nextAt.getTime() - Date.now());
  }

  /**
   * Takes the step that is next. @returns in how many milliseconds there is one again.
   * @throws LostBatchError; the signal's reason; what the database or the storage throws.
   */
  async take(batchRun: BatchRun, handover: HandoverRecord, signal: AbortSignal): Promise<number> {
    const run = new HandoverRun(this.tools, batchRun, handover, signal);
    // Another run may have gone on since it was read.
    if (!(await run.isCurrent())) return 0;
    const end = await this.end(run);
    const waitMs = end === 'again' ? 0 : Math.min(end.waitMs, longestPauseMs);
    if (waitMs > 0) await run.write({ nextAt: new Date(Date.now() + waitMs) });
    return waitMs;
  }

  private async end(run: HandoverRun): Promise<StepEnd> {
    try {
      const end = await this.step(run);
      // A provider that tells of no end is not asked for ever.
      return end !== 'again' && run.handover.step === 'follow' && isTooLate(run) ? await this.giveUp(run) : end;
    } catch (error) {
      run.signal.throwIfAborted();
      if (error instanceof NotHandedOnError) return this.keepHere(run, error.message);
      if (error instanceof ProviderFault) return this.afterFault(run, error);
      if (error instanceof AppError && away.has(error.code))
        return this.afterFault(run, new ProviderFault('away', false, error.message, { cause: error }));
      throw error;
    }
  }

  private step(run: HandoverRun): Promise<StepEnd> {
    switch (run.handover.step) {
      case 'send':
        return this.send.take(run);
      case 'follow':
        return this.follow.take(run);
      case 'collect':
        return this.collect.take(run);
      default:
        return this.clean.take(run);
    }
  }

  private async afterFault(run: HandoverRun, fault: ProviderFault): Promise<StepEnd> {
    const { step, failures, sentAt } = run.handover;
    this.log.info('a provider did not do what a batch needed', {
      tenant_id: run.batch.tenantId,
      batch_id: run.batch.id,
      step,
      kind: fault.kind,
      error: String(fault.further.cause ?? fault.message),
    });
    if (step === 'clean' && failures >= mostCleanings) {
      await run.write({ step: 'done' });
      return 'again';
    }
    if (step === 'send' && fault.kind === 'absent' && sentAt === null) return this.keepHere(run, fault.message);
    if (step === 'send' && fault.kind === 'refused') return this.refused(run, fault);
    if (step === 'follow' && fault.kind === 'absent' && failures + 1 >= mostAbsences) return this.giveUp(run);
    if (step !== 'clean' && isTooLate(run)) return this.giveUp(run);
    // While it is looked for, only looks count that the provider has answered.
    await run.write({ failures: step === 'send' && sentAt !== null ? failures : failures + 1 });
    const pauseMs = run.pollMs * 2 ** Math.min(failures, 10);
    return { waitMs: Math.max(pauseMs, fault.further.waitMs ?? 0) };
  }

  /** What has no answer yet gets none from the provider. */
  private async giveUp(run: HandoverRun): Promise<StepEnd> {
    await run.write({ failures: 0 }, (tx) => this.handovers.acknowledge(tx, run.batch));
    await this.collect.end(run);
    return 'again';
  }

  /** The platform makes the requests that are not refused already. */
  private async keepHere(run: HandoverRun, why: string): Promise<StepEnd> {
    this.log.info('a batch is not handed on to its provider', { tenant_id: run.batch.tenantId, batch_id: run.batch.id, why });
    const { providerFile, fileTries } = run.handover;
    if (fileTries > 0 || providerFile !== null)
      await run
        .asked()
        .then((asked) => this.send.remove(run, asked))
        .catch(() => undefined);
    await run.write({ step: 'kept', failures: 0 }, async (tx) => {
      await this.batches.begin(tx, run.batch);
      await this.handovers.acknowledge(tx, run.batch);
    });
    return 'again';
  }

  private async refused(run: HandoverRun, fault: ProviderFault): Promise<StepEnd> {
    await run.write({ step: 'clean', failures: 0 }, async (tx) => {
      const isFailed = await this.handovers.refuse(tx, run.batch, [errorOf(fault)]);
      if (isFailed) await this.holds.release(tx, run.batch.tenantId, run.batch.id);
      else await this.handovers.acknowledge(tx, run.batch);
    });
    return 'again';
  }
}

/** The provider has had its hour behind the window. */
function isTooLate({ batch }: HandoverRun): boolean {
  return Date.now() > batch.windowEndsAt.getTime() + graceMs;
}

/** Codes of errors with which a provider cannot be asked now. */
const away: ReadonlySet<string> = new Set(['upstream_unavailable', 'oauth_unavailable', 'overloaded', 'rate_limit_exceeded']);
