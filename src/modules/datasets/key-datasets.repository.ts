import { Injectable } from '@nestjs/common';
import type { Allowlist } from '../../catalog/facts.js';
import type { ListQuery, RowPage } from '../../contracts/lists.js';
import { readPage } from '../../platform/database/cursor.js';
import type { Dataset, Prisma } from '../../platform/database/generated/client.js';
import type { Transaction } from '../../platform/database/tenant-database.js';

/** How many files of a dataset are in each state. */
export interface FileCounts {
  readonly total: number;
  readonly ready: number;
  readonly failed: number;
}

/** A dataset as keys see it. */
export interface CountedDataset extends Dataset {
  readonly counts: FileCounts;
}

/** Datasets by what a key may name. */
@Injectable()
export class KeyDatasetsRepository {
  /** The dataset of this id or alias, allowed or not. */
  async find(tx: Transaction, tenantId: string, reference: string): Promise<Dataset | null> {
    return tx.dataset.findFirst({ where: { tenantId, kind: 'dataset', OR: [{ id: reference }, { alias: reference }] } });
  }

  async list(tx: Transaction, tenantId: string, allowed: Allowlist, query: ListQuery): Promise<RowPage<Dataset>> {
    const where = { tenantId, kind: 'dataset', AND: [allowedOnly(allowed)] };
    return readPage(query, {
      find: (id) => tx.dataset.findFirst({ where: { ...where, id }, select: { id: true, createdAt: true } }),
      list: (page) => tx.dataset.findMany({ where: { ...where, ...page.where }, orderBy: page.orderBy, take: page.take }),
    });
  }

  /** All datasets of the list, at most `limit`, by alias. */
  async allowed(tx: Transaction, tenantId: string, allowed: Allowlist, limit: number): Promise<Dataset[]> {
    return tx.dataset.findMany({
      where: { tenantId, kind: 'dataset', ...allowedOnly(allowed) },
      orderBy: { alias: 'asc' },
      take: limit,
    });
  }

  async withCounts(tx: Transaction, tenantId: string, datasets: readonly Dataset[]): Promise<CountedDataset[]> {
    const ids = datasets.map(({ id }) => id);
    const rows = await tx.file.groupBy({ by: ['datasetId', 'state'], where: { tenantId, datasetId: { in: ids } }, _count: true });
    const count = (id: string, state?: string): number =>
      rows
        .filter((row) => row.datasetId === id && (state === undefined || row.state === state))
        .reduce((sum, { _count }) => sum + _count, 0);
    return datasets.map((dataset) => {
      const counts = { total: count(dataset.id), ready: count(dataset.id, 'ready'), failed: count(dataset.id, 'failed') };
      return { ...dataset, counts };
    });
  }
}

function allowedOnly(allowed: Allowlist): Prisma.DatasetWhereInput {
  if (allowed === '*') return {};
  const names = [...allowed];
  return { OR: [{ id: { in: names } }, { alias: { in: names } }] };
}
