import { Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.module.js';
import { AppError } from '../../../kernel/app-error.js';
import { randomBase62 } from '../../../kernel/ids.js';
import { Log } from '../../../observability/log.js';
import { TenantDatabase } from '../../../platform/database/tenant-database.js';
import { JobLaterError } from '../../../platform/queue/job-run.js';
import { TunedModels } from '../models/tuned-models.service.js';
import { ProviderFault } from '../../provider-jobs/provider-fault.js';
import { TuningClaimsRepository } from '../record/tuning-claims.repository.js';
import { LostTuningError, type TuningClaim } from '../record/tuning-record.js';
import { TuningConnections } from '../tuning-connections.js';
import { TuningPlaces } from './tuning-places.js';
import { TuningRun, type TuningTools } from './tuning-run.js';
import { TuningSteps } from './tuning-steps.js';

const beatMs = 3_000;
const takenMs = 2_000;
const earlyMs = 1_000;

/** Does what a job needs next, until it has to wait. */
@Injectable()
export class TuningRunner {
  private readonly tools: TuningTools;

  constructor(
    private readonly database: TenantDatabase,
    private readonly claims: TuningClaimsRepository,
    private readonly steps: TuningSteps,
    private readonly models: TunedModels,
    private readonly places: TuningPlaces,
    private readonly log: Log,
    connections: TuningConnections,
    config: Config,
  ) {
    this.tools = { database, claims, connections, pollMs: config.GT_FINE_TUNING_POLL_MS };
  }

  /** @throws JobLaterError until all is done; the signal's reason. */
  async run(tenantId: string, id: string, signal: AbortSignal): Promise<void> {
    const leave = await this.places.take(tenantId);
    try {
      await this.make({ tenantId, id, owner: randomBase62(24) }, signal);
    } finally {
      leave();
    }
  }

  private async make(claim: TuningClaim, signal: AbortSignal): Promise<void> {
    const taken = await this.database.run(claim.tenantId, (tx) => this.claims.take(tx, claim));
    if (taken === 'done') return;
    if (typeof taken === 'string') throw new JobLaterError(taken === 'taken' ? takenMs : earlyMs);
    const lost = new AbortController();
    const beat = setInterval(() => void this.beat(claim, lost), beatMs);
    try {
      const run = new TuningRun(this.tools, claim, taken, AbortSignal.any([signal, lost.signal]));
      const waitMs = await this.untilWaiting(run);
      await this.database.run(claim.tenantId, (tx) => this.claims.leave(tx, claim, waitMs ?? 0));
      if (waitMs !== undefined) throw new JobLaterError(waitMs);
    } catch (error) {
      if (error instanceof LostTuningError) throw new JobLaterError(takenMs);
      if (!(error instanceof JobLaterError)) await this.giveBack(claim);
      throw error;
    } finally {
      clearInterval(beat);
    }
  }

  /** @returns how long the job waits; undefined when all is done. */
  private async untilWaiting(run: TuningRun): Promise<number | undefined> {
    for (;;) {
      run.signal.throwIfAborted();
      if (run.job.step === 'done') return run.job.modelState === 'deleting' ? this.removeModel(run) : undefined;
      const waitMs = await this.steps.take(run);
      if (waitMs !== undefined) return waitMs;
    }
  }

  /** A model whose deletion was begun, and did not come to its end. */
  private async removeModel(run: TuningRun): Promise<number | undefined> {
    try {
      run.job = await this.models.removeAtProvider(run.job, run.signal);
      return undefined;
    } catch (error) {
      if (!(error instanceof ProviderFault || error instanceof AppError)) throw error;
      await run.write((job) => ({ failures: Math.min(job.failures + 1, 20) }));
      return Math.min(run.pollMs * 2 ** run.job.failures, 3_600_000);
    }
  }

  private async beat(claim: TuningClaim, lost: AbortController): Promise<void> {
    try {
      await this.database.run(claim.tenantId, (tx) => this.claims.beat(tx, claim));
    } catch (error) {
      if (error instanceof LostTuningError) lost.abort(error);
      else this.log.warn('a run could not say that it lives', { job_id: claim.id, error: String(error) });
    }
  }

  private async giveBack(claim: TuningClaim): Promise<void> {
    try {
      await this.database.run(claim.tenantId, (tx) => this.claims.leave(tx, claim, 0));
    } catch {
      // Its claim ends by itself.
    }
  }
}
