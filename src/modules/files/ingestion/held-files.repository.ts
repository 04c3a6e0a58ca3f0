import { Injectable } from '@nestjs/common';
import type { StatementTransaction } from '../../../platform/database/tenant-database.js';
import type { WaitingFile } from '../record/file-record.js';
import { heldBack, mostQueued } from '../record/file-row.js';

/** So many of a tenant's jobs stand in the queue when further ones are wanted, and so many come then. */
const half = mostQueued / 2;

/** A tenant's files that wait without a job. */
@Injectable()
export class HeldFilesRepository {
  /** The next ones to queue, the longest waiting first; none while enough of the tenant's files wait with a job. */
  async next(tx: StatementTransaction, tenantId: string): Promise<WaitingFile[]> {
    return tx.$queryRaw<WaitingFile[]>`
      with queued as materialized
             (select count(*) from
               (select from files where tenant_id = ${tenantId} and state = 'stored' and stage is null
                   and queued_at is distinct from ${heldBack} limit ${half}) as counted)
      select tenant_id as "tenantId", id, attempts from files
       where tenant_id = ${tenantId} and state = 'stored' and stage is null and queued_at = ${heldBack} and (select count from queued) < ${half}
       order by created_at limit ${half}`;
  }

  /** Says that these have a job now. */
  async markQueued(tx: StatementTransaction, tenantId: string, ids: readonly string[]): Promise<void> {
    await tx.$executeRaw`
      update files set queued_at = now() where tenant_id = ${tenantId} and id = any (${ids}::text[]) and stage is null and queued_at = ${heldBack}`;
  }
}
