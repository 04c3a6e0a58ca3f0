import { Injectable } from '@nestjs/common';
import type { RunbookVerification, StepOutcome, VerificationStep } from '../../contracts/runbook-verifications.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { LostRunError, type RunbookClaim, type RunbookRunRecord } from './runbook-run-record.js';
import { RunbookRunsRepository } from './runbook-runs.repository.js';

/** A worker that has said nothing for so long has died. */
const deadSeconds = 10;

/** How a run ends. */
export type RunbookRunEnd =
  | {
      readonly status: 'completed';
      readonly outcome: StepOutcome;
      readonly sha256: string;
      readonly result: Omit<RunbookVerification, 'steps'>;
    }
  | { readonly status: 'failed'; readonly error: string };

/** What workers write. All of it names the worker's run: one that has lost its row gets LostRunError. */
@Injectable()
export class RunbookClaimsRepository {
  constructor(private readonly runs: RunbookRunsRepository) {}

  /** Takes a run that no living worker has, and begins it anew; else says why not. */
  async take(tx: Transaction, claim: RunbookClaim): Promise<RunbookRunRecord | 'taken' | 'done'> {
    const { tenantId, id, owner } = claim;
    const taken = await tx.$executeRaw`
      update runbook_runs
         set owner = ${owner}, claimed_until = now() + make_interval(secs => ${deadSeconds}), status = 'in_progress',
             attempts = attempts + 1, started_at = coalesce(started_at, now()), steps = '[]'
       where tenant_id = ${tenantId} and id = ${id} and finished_at is null and (owner is null or claimed_until < now())`;
    const run = await this.runs.find(tx, claim);
    if (run === null || run.finishedAt !== null) return 'done';
    return taken > 0 ? run : 'taken';
  }

  /** Says that the worker lives. @throws LostRunError. */
  async beat(tx: Transaction, { tenantId, id, owner }: RunbookClaim): Promise<void> {
    held(
      await tx.$executeRaw`
      update runbook_runs set claimed_until = now() + make_interval(secs => ${deadSeconds})
       where tenant_id = ${tenantId} and id = ${id} and owner = ${owner}`,
    );
  }

  /** @throws LostRunError. */
  async addStep(tx: Transaction, { tenantId, id, owner }: RunbookClaim, step: VerificationStep): Promise<void> {
    held(
      await tx.$executeRaw`
      update runbook_runs set steps = steps || ${JSON.stringify([step])}::jsonb
       where tenant_id = ${tenantId} and id = ${id} and owner = ${owner}`,
    );
  }

  /** Remembers the keys of a run in the transaction that makes them. @throws LostRunError. */
  async setKeys(tx: Transaction, { tenantId, id, owner }: RunbookClaim, keyIds: readonly string[]): Promise<void> {
    held(
      await tx.$executeRaw`
      update runbook_runs set key_ids = ${[...keyIds]}::text[]
       where tenant_id = ${tenantId} and id = ${id} and owner = ${owner}`,
    );
  }

  /** Lets go of a run, which waits again. One that was lost is left alone. @param isAttempt whether it counts. */
  async giveBack(tx: Transaction, { tenantId, id, owner }: RunbookClaim, isAttempt: boolean): Promise<void> {
    await tx.$executeRaw`
      update runbook_runs
         set owner = null, claimed_until = null, status = 'queued', next_at = now(), attempts = attempts - ${isAttempt ? 0 : 1}
       where tenant_id = ${tenantId} and id = ${id} and owner = ${owner}`;
  }

  /** @throws LostRunError. */
  async end(tx: Transaction, { tenantId, id, owner }: RunbookClaim, end: RunbookRunEnd): Promise<void> {
    const { status, ...values } = end;
    const { count } = await tx.runbookRun.updateMany({
      where: { tenantId, id, owner },
      data: { status, ...values, finishedAt: new Date(), owner: null, claimedUntil: null },
    });
    held(count);
  }
}

function held(count: number): void {
  if (count === 0) throw new LostRunError();
}
