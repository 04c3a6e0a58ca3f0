import { Injectable } from '@nestjs/common';
import { newId } from '../../kernel/ids.js';
import type { VectorStoreFileBatch } from '../../platform/database/generated/client.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { StoreCounts } from './store-record.js';
import { countsOf } from './vector-stores.repository.js';

/** Older ones of a store are forgotten; their files stay. */
const keptBatches = 1_000;

/** Files that were attached together, with how many of them are in which state. */
export interface FileBatchRecord extends VectorStoreFileBatch {
  readonly counts: StoreCounts;
}

/** The rows of file batches. Which files are of a batch, the ingestions say: each is of the last that attached it. */
@Injectable()
export class FileBatchesRepository {
  async insert(tx: Transaction, tenantId: string, storeId: string): Promise<string> {
    const id = newId('vectorStoreFileBatch');
    await tx.vectorStoreFileBatch.create({ data: { tenantId, id, storeId } });
    await tx.$executeRaw`
      delete from vector_store_file_batches where tenant_id = ${tenantId} and id in
        (select id from vector_store_file_batches where tenant_id = ${tenantId} and store_id = ${storeId}
          order by created_at desc, id desc offset ${keptBatches}::int)`;
    return id;
  }

  async find(tx: Transaction, tenantId: string, storeId: string, id: string): Promise<FileBatchRecord | null> {
    const row = await tx.vectorStoreFileBatch.findFirst({ where: { tenantId, storeId, id } });
    if (row === null) return null;
    const groups = await tx.ingestion.groupBy({
      by: ['state', 'errorCode'],
      where: { tenantId, datasetId: storeId, batchId: id, leaving: false },
      _count: true,
    });
    return { ...row, counts: countsOf(groups.map(({ _count: count, ...group }) => ({ ...group, count }))) };
  }

  async markCancelled(tx: Transaction, tenantId: string, id: string): Promise<void> {
    await tx.vectorStoreFileBatch.update({ where: { tenantId_id: { tenantId, id } }, data: { cancelledAt: new Date() } });
  }
}
