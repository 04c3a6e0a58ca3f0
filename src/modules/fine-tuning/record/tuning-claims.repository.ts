import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../../platform/database/tenant-database.js';
import { TuningJobsRepository, type TuningChange } from './tuning-jobs.repository.js';
import { LostTuningError, type TuningClaim, type TuningPlace, type TuningRecord } from './tuning-record.js';

/** A run that has said nothing for so long has died. */
const deadSeconds = 10;

/** How a job stands in the way of a run. */
export type TuningAvailability = 'taken' | 'early' | 'done';

/** What runs write. All of it names the run: one that has lost its job gets LostTuningError. */
@Injectable()
export class TuningClaimsRepository {
  constructor(private readonly jobs: TuningJobsRepository) {}

  /** Takes a job that is due and that no living run has; else says why not. */
  async take(tx: Transaction, claim: TuningClaim): Promise<TuningRecord | TuningAvailability> {
    const { tenantId, id, owner } = claim;
    const taken = await tx.$executeRaw`
      update fine_tuning_jobs set owner = ${owner}, claimed_until = now() + make_interval(secs => ${deadSeconds})
       where tenant_id = ${tenantId} and id = ${id} and (step <> 'done' or model_state = 'deleting')
         and next_at <= now() and (owner is null or claimed_until < now())`;
    const job = await this.jobs.find(tx, claim);
    if (job === null || (job.step === 'done' && job.modelState !== 'deleting')) return 'done';
    if (taken > 0) return job;
    return job.owner === null ? 'early' : 'taken';
  }

  /** Says that the run lives. @throws LostTuningError. */
  async beat(tx: Transaction, { tenantId, id, owner }: TuningClaim): Promise<void> {
    const count = await tx.$executeRaw`
      update fine_tuning_jobs set claimed_until = now() + make_interval(secs => ${deadSeconds})
       where tenant_id = ${tenantId} and id = ${id} and owner = ${owner}`;
    if (count === 0) throw new LostTuningError();
  }

  /** The job, held until the transaction ends. @throws LostTuningError. */
  async hold(tx: Transaction, claim: TuningClaim): Promise<TuningRecord> {
    const job = await this.jobs.lock(tx, claim);
    if (job?.owner !== claim.owner) throw new LostTuningError();
    return job;
  }

  /** Changes a job that is held. */
  write(tx: Transaction, claim: TuningPlace, change: TuningChange): Promise<TuningRecord> {
    return this.jobs.update(tx, claim, change);
  }

  /** Lets go of a job, which is due again after so many milliseconds. One that was lost is left alone. */
  async leave(tx: Transaction, { tenantId, id, owner }: TuningClaim, waitMs: number): Promise<void> {
    await tx.$executeRaw`
      update fine_tuning_jobs
         set owner = null, claimed_until = null, next_at = now() + make_interval(secs => ${waitMs / 1000})
       where tenant_id = ${tenantId} and id = ${id} and owner = ${owner}`;
  }
}
