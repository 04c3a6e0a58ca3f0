import type { TenantDatabase, Transaction } from '../../../platform/database/tenant-database.js';
import { AppError } from '../../../kernel/app-error.js';
import type { AskedProvider } from '../../provider-jobs/asked-provider.js';
import type { TuningClaimsRepository } from '../record/tuning-claims.repository.js';
import type { TuningChange } from '../record/tuning-jobs.repository.js';
import { hasEnded, type TuningClaim, type TuningError, type TuningRecord } from '../record/tuning-record.js';
import type { TuningConnections } from '../tuning-connections.js';

/** What every run needs of its surroundings. */
export interface TuningTools {
  readonly database: TenantDatabase;
  readonly claims: TuningClaimsRepository;
  readonly connections: TuningConnections;
  /** How often a provider is asked, in milliseconds. */
  readonly pollMs: number;
}

/** One run of a job that it has taken. */
export class TuningRun {
  constructor(
    private readonly tools: TuningTools,
    readonly claim: TuningClaim,
    /** As it was written last. */
    public job: TuningRecord,
    readonly signal: AbortSignal,
  ) {}

  get pollMs(): number {
    return this.tools.pollMs;
  }

  /** The job's provider. @throws AppError. */
  async asked(): Promise<AskedProvider> {
    return this.tools.connections.askedFor(this.job, this.signal);
  }

  /** Changes the job as it is now. @throws LostTuningError. */
  write(changeOf: (job: TuningRecord, tx: Transaction) => TuningChange | Promise<TuningChange>): Promise<TuningRecord> {
    return this.within(async (tx) => {
      const held = await this.tools.claims.hold(tx, this.claim);
      return this.tools.claims.write(tx, this.claim, await changeOf(held, tx));
    });
  }

  /** The same in a transaction that others have opened. */
  async writeIn(tx: Transaction, changeOf: (job: TuningRecord) => TuningChange): Promise<TuningRecord> {
    const held = await this.tools.claims.hold(tx, this.claim);
    this.job = await this.tools.claims.write(tx, this.claim, changeOf(held));
    return this.job;
  }

  /** Ends the job as failed; what is left at the provider is still to be removed. One that has ended stays as it is. */
  fail(error: TuningError): Promise<TuningRecord> {
    return this.write((job) =>
      hasEnded(job)
        ? { step: 'clean', failures: 0 }
        : { status: 'failed', error: { ...error }, finishedAt: new Date(), step: 'clean', failures: 0 },
    );
  }

  private async within(work: (tx: Transaction) => Promise<TuningRecord>): Promise<TuningRecord> {
    this.job = await this.tools.database.run(this.claim.tenantId, work);
    return this.job;
  }
}

/** What cannot be asked is not asked: the connection is gone, or its secret does not open. */
export function isConnectionGone(error: unknown): error is AppError {
  return error instanceof AppError && error.code === 'upstream_unavailable';
}
