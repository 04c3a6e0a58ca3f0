import { Injectable } from '@nestjs/common';
import { batchBounds, type ListBatchesQuery } from '../../contracts/batches.js';
import type { RowPage } from '../../contracts/lists.js';
import { readPage } from '../../platform/database/cursor.js';
import { Prisma, type Batch } from '../../platform/database/generated/client.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { BatchPlace, BatchRecord, NewBatch } from './batch-record.js';

/** The rows of batches, as their tenant sees and changes them. */
@Injectable()
export class BatchesRepository {
  /** How many of the tenant have not ended; the number holds until the transaction ends. */
  async unfinishedOf(tx: Transaction, tenantId: string): Promise<number> {
    await tx.$queryRaw`select pg_advisory_xact_lock(hashtextextended(${`batches ${tenantId}`}, 0))::text`;
    return tx.batch.count({
      where: { tenantId, status: { in: ['validating', 'in_progress', 'finalizing', 'cancelling'] } },
    });
  }

  async insert(tx: Transaction, { metadata, ...batch }: NewBatch): Promise<BatchRecord> {
    const createdAt = new Date();
    const windowEndsAt = new Date(createdAt.getTime() + batchBounds.windowSeconds * 1000);
    const row = await tx.batch.create({
      data: { ...batch, createdAt, windowEndsAt, ...(metadata === null ? {} : { metadata }) },
    });
    return recordOf(row);
  }

  /** Has a batch go to its end whose window is over; another is left as it is. */
  async expire(tx: Transaction, { tenantId, id }: BatchPlace): Promise<void> {
    await tx.$executeRaw`
      update batches set status = 'finalizing', ends_as = 'expired', finalizing_at = now()
       where tenant_id = ${tenantId} and id = ${id} and status in ('validating', 'in_progress') and window_ends_at <= now()`;
  }

  async find(tx: Transaction, { tenantId, id }: BatchPlace): Promise<BatchRecord | undefined> {
    const row = await tx.batch.findFirst({ where: { tenantId, id } });
    return row === null ? undefined : recordOf(row);
  }

  /** @throws AppError invalid_value for a cursor that is no batch of the tenant. */
  async list(tx: Transaction, tenantId: string, query: ListBatchesQuery): Promise<RowPage<BatchRecord>> {
    const page = await readPage<Batch>(query, {
      find: (id) => tx.batch.findFirst({ where: { tenantId, id } }),
      list: ({ where, orderBy, take }) => tx.batch.findMany({ where: { tenantId, ...where }, orderBy, take }),
    });
    return { ...page, rows: page.rows.map(recordOf) };
  }

  /** Asks the runs of a batch to end it. @returns false for one that is not under way any more. */
  async cancel(tx: Transaction, { tenantId, id }: BatchPlace): Promise<boolean> {
    const { count } = await tx.batch.updateMany({
      where: { tenantId, id, status: { in: ['validating', 'in_progress'] } },
      data: { status: 'cancelling', endsAs: 'cancelled', cancellingAt: new Date() },
    });
    return count > 0;
  }

  /** Ends a batch whose input is not right. The requests that were read go. */
  async fail(tx: Transaction, { tenantId, id }: BatchPlace, errors: BatchRecord['errors']): Promise<void> {
    await tx.batch.updateMany({
      where: { tenantId, id, status: 'validating' },
      data: {
        status: 'failed',
        failedAt: new Date(),
        errors: (errors ?? []) as unknown as Prisma.InputJsonArray,
        total: 0,
        completed: 0,
        failed: 0,
      },
    });
  }

  /** The input is right: its requests may run. One of which none is left to run is done. One that was cancelled meanwhile stays so. */
  async begin(tx: Transaction, { tenantId, id }: BatchPlace): Promise<void> {
    await tx.$executeRaw`
      update batches b set in_progress_at = now(), total = c.total, failed = c.failed,
             status = case when c.total = c.failed then 'finalizing' else 'in_progress' end,
             finalizing_at = case when c.total = c.failed then now() end
        from (select count(*)::int as total, (count(*) filter (where state = 'failed'))::int as failed
                from batch_lines where tenant_id = ${tenantId} and batch_id = ${id}) c
       where b.tenant_id = ${tenantId} and b.id = ${id} and b.status = 'validating'`;
  }

  /** The requests of a batch that has ended are removed. */
  async markCleared(tx: Transaction, { tenantId, id }: BatchPlace): Promise<void> {
    await tx.batch.updateMany({ where: { tenantId, id }, data: { cleared: true } });
  }

  /** The file of requests that went wrong is there. */
  async keepErrorFile(tx: Transaction, { tenantId, id }: BatchPlace, errorFileId: string): Promise<void> {
    await tx.batch.updateMany({ where: { tenantId, id }, data: { errorFileId } });
  }

  /** The end of a batch whose files are there. Requests that were not made count as failed. */
  async end(tx: Transaction, { tenantId, id }: BatchPlace, outputFileId: string | null): Promise<void> {
    await tx.$executeRaw`
      update batches set status = ends_as, output_file_id = ${outputFileId}, failed = total - completed,
             completed_at = case when ends_as = 'completed' then now() end,
             expired_at = case when ends_as = 'expired' then now() end,
             cancelled_at = case when ends_as = 'cancelled' then now() end
       where tenant_id = ${tenantId} and id = ${id} and status in ('finalizing', 'cancelling')`;
  }
}

function recordOf(row: Batch): BatchRecord {
  const tokens = {
    inputTokens: Number(row.inputTokens),
    cachedInputTokens: Number(row.cachedInputTokens),
    outputTokens: Number(row.outputTokens),
    reasoningTokens: Number(row.reasoningTokens),
    totalTokens: Number(row.totalTokens),
  };
  // The columns are checked by the database, and nobody else writes them.
  return { ...row, ...tokens, inputBytes: Number(row.inputBytes) } as unknown as BatchRecord;
}
