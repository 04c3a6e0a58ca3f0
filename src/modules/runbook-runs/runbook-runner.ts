import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { setTimeout as wait } from 'node:timers/promises';
import { findRunbook } from '../../catalog/runbooks/index.js';
import { Config } from '../../config/config.module.js';
import type { RunbookVerification, VerificationStep } from '../../contracts/runbook-verifications.js';
import { AppError } from '../../kernel/app-error.js';
import { randomBase62 } from '../../kernel/ids.js';
import { Log } from '../../observability/log.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { faultPoint } from '../../platform/fault-point.js';
import { JobLaterError } from '../../platform/queue/job-run.js';
import type { ClientRow } from '../../verification/run.js';
import { canBeEmulated, verifyRunbook } from '../../verification/verify.js';
import { RunKeys, type MadeKeys } from './run-keys.js';
import { RunbookClaimsRepository, type RunbookRunEnd } from './runbook-claims.repository.js';
import { RunbookPlaces } from './runbook-places.js';
import { LostRunError, type RunbookClaim, type RunbookRunRecord } from './runbook-run-record.js';

const beatMs = 3_000;
const takenMs = 2_000;
/** A run whose worker dies again and again is given up. */
const mostAttempts = 3;
/** So many requests does a run send, and so long may it take. */
const mostCalls = 20;
const longestMs = 300_000;
/** How long a stopping process waits for the keys of its runs to be ended. */
const stopMs = 5_000;

const addressCure =
  'The worker calls GT_PUBLIC_URL, else the address that the API listens on: set GT_PUBLIC_URL to an address of the platform that its workers reach too.';

/** Verifies runbooks: with stand-ins made from their data, against this installation, with keys that live as long as the run. */
@Injectable()
export class RunbookRunner implements BeforeApplicationShutdown {
  private readonly open = new Set<Promise<void>>();

  constructor(
    private readonly database: TenantDatabase,
    private readonly claims: RunbookClaimsRepository,
    private readonly keys: RunKeys,
    private readonly places: RunbookPlaces,
    private readonly log: Log,
    private readonly config: Config,
  ) {}

  /**
   * Makes a run that waits, or whose worker has died. One that has ended is left alone.
   * @throws JobLaterError while another worker has it, or the tenant has all places that one may have; the signal's reason.
   */
  async run(tenantId: string, id: string, signal: AbortSignal): Promise<void> {
    const leave = await this.places.take(tenantId);
    const making = this.make({ tenantId, id, owner: randomBase62(24) }, signal);
    this.open.add(making);
    try {
      await making;
    } finally {
      this.open.delete(making);
      leave();
    }
  }

  /** Runs that were asked to stop end their keys while there is a database to do it in. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.race([Promise.allSettled(this.open), wait(stopMs, undefined, { ref: false })]);
  }

  private async make(claim: RunbookClaim, signal: AbortSignal): Promise<void> {
    const run = await this.database.run(claim.tenantId, (tx) => this.claims.take(tx, claim));
    if (run === 'done') return;
    if (run === 'taken') throw new JobLaterError(takenMs);
    const lost = new AbortController();
    const beat = setInterval(() => void this.beat(claim, lost), beatMs);
    try {
      const end = await this.endOf(claim, run, AbortSignal.any([signal, lost.signal]));
      await this.database.run(claim.tenantId, (tx) => this.claims.end(tx, claim, end));
    } catch (error) {
      if (error instanceof LostRunError) throw new JobLaterError(takenMs);
      await this.giveBack(claim, !signal.aborted);
      throw error;
    } finally {
      clearInterval(beat);
    }
  }

  /** @throws LostRunError; the signal's reason; what the database throws. */
  private async endOf(claim: RunbookClaim, run: RunbookRunRecord, signal: AbortSignal): Promise<RunbookRunEnd> {
    await this.endKeys(claim, run, run.keyIds);
    if (run.attempts > mostAttempts)
      return failed(`It was begun ${mostAttempts} times, and each time its worker was interrupted.`);
    const row = findRunbook(run.runbook);
    if (row === undefined || !canBeEmulated(row)) return failed('This release has no client for the product.');
    let made: MadeKeys;
    try {
      made = await this.keys.make(claim, run, row);
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error;
      return failed(`A key could not be made for it: ${error.message}`);
    }
    this.reach('runbook.after-keys');
    try {
      return await this.verified(claim, run, { row, made, signal });
    } finally {
      await this.endKeys(claim, run, made.ids);
    }
  }

  private async verified(
    claim: RunbookClaim,
    { origin, model, embedModel, dataset }: RunbookRunRecord,
    { row, made, signal }: { readonly row: ClientRow; readonly made: MadeKeys; readonly signal: AbortSignal },
  ): Promise<RunbookRunEnd> {
    const limit = AbortSignal.timeout(longestMs);
    const setup = {
      row,
      origin,
      key: made.secrets.get(row.preset) ?? '',
      keyOf: (preset: string) => made.secrets.get(preset),
      ...{ model: model ?? undefined, embedModel: embedModel ?? undefined, dataset: dataset ?? undefined },
      ...{ mostCalls, addressCure, signal: AbortSignal.any([signal, limit]) },
    };
    try {
      return completed(await verifyRunbook(setup, (step) => this.tell(claim, step)));
    } catch (error) {
      if (signal.aborted || !limit.aborted) throw error;
      return failed(`It took longer than ${longestMs / 60_000} minutes.`);
    }
  }

  private async tell(claim: RunbookClaim, step: VerificationStep): Promise<void> {
    await this.database.run(claim.tenantId, (tx) => this.claims.addStep(tx, claim, step));
    this.reach('runbook.after-step');
  }

  private async endKeys(claim: RunbookClaim, run: RunbookRunRecord, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.keys.end(run, ids);
    this.reach('runbook.after-end-of-keys');
    await this.database.run(claim.tenantId, (tx) => this.claims.setKeys(tx, claim, []));
  }

  private async beat(claim: RunbookClaim, lost: AbortController): Promise<void> {
    try {
      await this.database.run(claim.tenantId, (tx) => this.claims.beat(tx, claim));
    } catch (error) {
      if (error instanceof LostRunError) lost.abort(error);
      else this.log.warn('a run of a runbook could not say that it lives', { run_id: claim.id, error: String(error) });
    }
  }

  private async giveBack(claim: RunbookClaim, isAttempt: boolean): Promise<void> {
    try {
      await this.database.run(claim.tenantId, (tx) => this.claims.giveBack(tx, claim, isAttempt));
    } catch {
      // Its claim ends by itself.
    }
  }

  private reach(step: string): void {
    faultPoint(this.config.GT_FAULT_POINT, step);
  }
}

function completed({ steps: _steps, ...result }: RunbookVerification): RunbookRunEnd {
  return { status: 'completed', outcome: result.outcome, sha256: result.sha256, result };
}

function failed(error: string): RunbookRunEnd {
  return { status: 'failed', error };
}
