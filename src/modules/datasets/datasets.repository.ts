import { Injectable } from '@nestjs/common';
import type { ListDatasetsQuery } from '../../contracts/datasets.js';
import type { RowPage } from '../../contracts/lists.js';
import { readPage } from '../../platform/database/cursor.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { DatasetRecord } from './dataset-record.js';

const withNames = { tenant: { select: { slug: true } }, connection: { select: { name: true } }, recall: true } as const;

export interface DatasetValues {
  readonly alias: string;
  readonly name: string;
  readonly connectionId: string;
  readonly model: string;
  readonly chunkTokens: number;
  readonly overlapTokens: number;
  readonly hiddenSheets: boolean;
  readonly ocrLanguages: string[];
}

/** The rows of a tenant's datasets. Vector stores are rows of the same table, and none of them. */
@Injectable()
export class DatasetsRepository {
  async list(transaction: Transaction, tenantId: string, query: ListDatasetsQuery): Promise<RowPage<DatasetRecord>> {
    const filter = { tenantId, kind: 'dataset', alias: query.alias, name: query.name };
    return readPage(query, {
      find: (id) => transaction.dataset.findFirst({ where: { tenantId, kind: 'dataset', id } }),
      list: (page) =>
        transaction.dataset.findMany({
          where: { ...filter, ...page.where },
          include: withNames,
          orderBy: page.orderBy,
          take: page.take,
        }),
    });
  }

  async find(transaction: Transaction, tenantId: string, id: string): Promise<DatasetRecord | null> {
    return transaction.dataset.findFirst({ where: { tenantId, kind: 'dataset', id }, include: withNames });
  }

  /** Makes every other change of this dataset, and every agent that is to use it, wait until the transaction ends. */
  async lock(transaction: Transaction, tenantId: string, id: string): Promise<void> {
    await transaction.$queryRaw`select id from datasets where tenant_id = ${tenantId} and id = ${id} for update`;
  }

  /** Makes every other change of the dataset itself wait until the transaction ends; files may come meanwhile. */
  async holdChanges(transaction: Transaction, tenantId: string, id: string): Promise<void> {
    await transaction.$queryRaw`select id from datasets where tenant_id = ${tenantId} and id = ${id} for no key update`;
  }

  async insert(transaction: Transaction, tenantId: string, id: string, values: DatasetValues): Promise<DatasetRecord> {
    return transaction.dataset.create({ data: { tenantId, id, ...values }, include: withNames });
  }

  async update(
    transaction: Transaction,
    tenantId: string,
    id: string,
    values: DatasetValues & { readonly generation: number },
  ): Promise<DatasetRecord> {
    return transaction.dataset.update({ where: { tenantId_id: { tenantId, id } }, data: values, include: withNames });
  }

  /** Counts the dataset's generation up. */
  async nextGeneration(transaction: Transaction, tenantId: string, id: string): Promise<number> {
    const where = { tenantId_id: { tenantId, id } };
    return (await transaction.dataset.update({ where, data: { generation: { increment: 1 } } })).generation;
  }

  async delete(transaction: Transaction, tenantId: string, id: string): Promise<void> {
    await transaction.dataset.delete({ where: { tenantId_id: { tenantId, id } } });
  }
}
