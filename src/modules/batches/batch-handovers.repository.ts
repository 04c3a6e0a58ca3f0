import { Injectable } from '@nestjs/common';
import type { BatchError } from '../../contracts/batches.js';
import type { Prisma } from '../../platform/database/generated/client.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { HandoverChange, HandoverRecord, NewHandover } from './batch-handover.js';
import type { BatchEnd, BatchPlace } from './batch-record.js';

/** How many of the requests that a provider was given have come out well and badly, as it tells. */
export interface ToldCounts {
  readonly completed: number;
  readonly failed: number;
}

/** The rows of batches that providers make, and what these make of the batches. */
@Injectable()
export class BatchHandoversRepository {
  /** Hands on a batch that was read. One that was cancelled meanwhile, or is over, is not. */
  async insert(tx: Transaction, { tenantId, id: batchId }: BatchPlace, handover: NewHandover): Promise<void> {
    const open = await tx.$queryRaw<unknown[]>`
      select id from batches where tenant_id = ${tenantId} and id = ${batchId} and status = 'validating' for update`;
    if (open.length === 0) return;
    await tx.batchHandover.create({ data: { tenantId, batchId, ...handover } });
  }

  async find(tx: Transaction, { tenantId, id: batchId }: BatchPlace): Promise<HandoverRecord | undefined> {
    const row = await tx.batchHandover.findFirst({ where: { tenantId, batchId } });
    // The columns are checked by the database, and nobody else writes them.
    return row === null ? undefined : (row as unknown as HandoverRecord);
  }

  async update(tx: Transaction, { tenantId, id: batchId }: BatchPlace, change: HandoverChange): Promise<HandoverRecord> {
    const row = await tx.batchHandover.update({ where: { tenantId_batchId: { tenantId, batchId } }, data: change });
    return row as unknown as HandoverRecord;
  }

  /** The provider runs the batch. One that was cancelled, or is over, stays so, and its requests are counted. */
  async acknowledge(tx: Transaction, { tenantId, id }: BatchPlace): Promise<void> {
    await tx.$executeRaw`
      update batches b set in_progress_at = now(), total = c.total, failed = c.failed,
             status = case when b.status = 'validating' then 'in_progress' else b.status end
        from (select count(*)::int as total, (count(*) filter (where state = 'failed'))::int as failed
                from batch_lines where tenant_id = ${tenantId} and batch_id = ${id}) c
       where b.tenant_id = ${tenantId} and b.id = ${id} and b.in_progress_at is null
         and b.status in ('validating', 'in_progress', 'finalizing', 'cancelling')`;
  }

  /** What the provider tells of the requests that it was given; others have failed. */
  async tell(tx: Transaction, { tenantId, id }: BatchPlace, { completed, failed }: ToldCounts): Promise<void> {
    await tx.$executeRaw`
      update batches b set completed = least(${completed}, c.given),
             failed = c.total - c.given + least(${failed}, c.given - least(${completed}, c.given))
        from (select count(*)::int as total, (count(*) filter (where state <> 'failed'))::int as given
                from batch_lines where tenant_id = ${tenantId} and batch_id = ${id}) c
       where b.tenant_id = ${tenantId} and b.id = ${id} and b.in_progress_at is not null and b.total = c.total`;
  }

  /** The provider has made all requests, and writes its files. */
  async finalize(tx: Transaction, { tenantId, id }: BatchPlace): Promise<void> {
    await tx.batch.updateMany({
      where: { tenantId, id, status: 'in_progress' },
      data: { status: 'finalizing', finalizingAt: new Date() },
    });
  }

  /** All answers of the provider are there: the batch goes on to its files. What has no answer ends as the batch does. */
  async collected(tx: Transaction, { tenantId, id }: BatchPlace, endsAs: BatchEnd): Promise<void> {
    await tx.$executeRaw`
      update batches b set completed = c.done, failed = c.failed,
             ends_as = case when b.ends_as = 'completed' then ${endsAs} else b.ends_as end,
             finalizing_at = case when b.status = 'cancelling' then b.finalizing_at else coalesce(b.finalizing_at, now()) end,
             status = case when b.status = 'cancelling' then b.status else 'finalizing' end
        from (select (count(*) filter (where state = 'done'))::int as done, (count(*) filter (where state = 'failed'))::int as failed
                from batch_lines where tenant_id = ${tenantId} and batch_id = ${id}) c
       where b.tenant_id = ${tenantId} and b.id = ${id} and b.status in ('validating', 'in_progress', 'finalizing', 'cancelling')`;
  }

  /** The provider does not take the batch. One that was cancelled meanwhile ends so. */
  async refuse(tx: Transaction, { tenantId, id }: BatchPlace, errors: readonly BatchError[]): Promise<boolean> {
    const { count } = await tx.batch.updateMany({
      where: { tenantId, id, status: { in: ['validating', 'in_progress'] }, endsAs: 'completed' },
      data: {
        status: 'failed',
        failedAt: new Date(),
        errors: [...errors] as unknown as Prisma.InputJsonArray,
        total: 0,
        completed: 0,
        failed: 0,
      },
    });
    return count > 0;
  }
}
