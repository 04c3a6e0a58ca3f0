import { Injectable } from '@nestjs/common';
import type { Allowlist } from '../../catalog/facts.js';
import type { ListQuery, RowPage } from '../../contracts/lists.js';
import { readPage } from '../../platform/database/cursor.js';
import type { Prisma } from '../../platform/database/generated/client.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { attachmentStatus } from './attachment-record.js';
import { noFiles, type StoreCounts, type StoreReader, type StoreRecord, type StoreRow } from './store-record.js';

const whole = { vectorStore: true, connection: { select: { name: true } } } as const;

/** OpenAI's `auto`. */
const usualChunking = { chunkTokens: 800, overlapTokens: 400 } as const;

export interface NewStore {
  readonly name: string;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly expiresDays: number | null;
  readonly connectionId: string;
  readonly model: string;
}

export interface StoreChanges {
  readonly name?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly expiresDays?: number | null;
}

/** The rows of vector stores, and datasets as stores. A store that is being deleted is not there. */
@Injectable()
export class VectorStoresRepository {
  async insert(tx: Transaction, tenantId: string, id: string, store: NewStore): Promise<void> {
    const { connectionId, model, ...own } = store;
    const row = { tenantId, id, kind: 'vector_store', alias: id, connectionId, model, ...usualChunking };
    await tx.dataset.create({ data: row });
    await tx.vectorStore.create({ data: { tenantId, id, ...own } });
  }

  async count(tx: Transaction, tenantId: string): Promise<number> {
    return tx.vectorStore.count({ where: { tenantId } });
  }

  /** The stores of these ids that the reader sees, in no order. */
  async findAll(tx: Transaction, reader: StoreReader, ids: readonly string[]): Promise<StoreRow[]> {
    return tx.dataset.findMany({ where: { ...seenBy(reader), id: { in: [...ids] } }, include: whole });
  }

  async list(tx: Transaction, reader: StoreReader, query: ListQuery): Promise<RowPage<StoreRow>> {
    const where = seenBy(reader);
    return readPage(query, {
      find: (id) => tx.dataset.findFirst({ where: { ...where, id }, select: { id: true, createdAt: true } }),
      list: (page) =>
        tx.dataset.findMany({ where: { AND: [where, page.where] }, include: whole, orderBy: page.orderBy, take: page.take }),
    });
  }

  /** Makes other changes of a store of the tenant's own wait until the transaction ends; false when there is none. */
  async lock(tx: Transaction, tenantId: string, id: string): Promise<boolean> {
    const rows = await tx.$queryRaw<object[]>`
      select from vector_stores where tenant_id = ${tenantId} and id = ${id} and state <> 'deleting' for no key update`;
    return rows.length > 0;
  }

  /** Whether the tenant has such a store of its own. */
  async exists(tx: Transaction, tenantId: string, id: string): Promise<boolean> {
    return (await tx.vectorStore.count({ where: { tenantId, id, state: { not: 'deleting' } } })) > 0;
  }

  async update(tx: Transaction, tenantId: string, id: string, changes: StoreChanges): Promise<void> {
    await tx.vectorStore.update({ where: { tenantId_id: { tenantId, id } }, data: changes });
  }

  /** Nobody sees the store from the commit on; a job removes what is in it. */
  async markDeleting(tx: Transaction, tenantId: string, id: string): Promise<void> {
    await tx.vectorStore.update({ where: { tenantId_id: { tenantId, id } }, data: { state: 'deleting' } });
  }

  /** Says that these stores were used; no use brings an expired one back. Once a minute is enough. */
  async touch(tx: Transaction, tenantId: string, ids: readonly string[]): Promise<void> {
    await tx.$executeRaw`
      update vector_stores set last_active_at = now()
       where tenant_id = ${tenantId} and id = any(${[...ids]}) and state = 'active' and last_active_at < now() - interval '1 minute'
         and (expires_days is null or last_active_at + make_interval(days => expires_days) > now())`;
  }

  /** The same stores with what is known of their files. */
  async withCounts(tx: Transaction, tenantId: string, stores: readonly StoreRow[]): Promise<StoreRecord[]> {
    const groups = await tx.$queryRaw<CountedState[]>`
      select dataset_id as "storeId", state, error_code as "errorCode", count(*)::int as count, sum(usage_bytes)::float8 as "usageBytes"
        from ingestions
       where tenant_id = ${tenantId} and dataset_id = any(${stores.map(({ id }) => id)}) and not leaving
       group by dataset_id, state, error_code`;
    return stores.map((store) => {
      const own = groups.filter(({ storeId }) => storeId === store.id);
      return { ...store, counts: countsOf(own), usageBytes: own.reduce((sum, { usageBytes }) => sum + usageBytes, 0) };
    });
  }
}

interface CountedState {
  readonly storeId: string;
  readonly state: string;
  readonly errorCode: string | null;
  readonly count: number;
  readonly usageBytes: number;
}

/** How many files are in which state, of a store or of a batch. */
export function countsOf(groups: readonly Pick<CountedState, 'state' | 'errorCode' | 'count'>[]): StoreCounts {
  const counts = { ...noFiles };
  for (const group of groups) counts[attachmentStatus(group)] += group.count;
  return counts;
}

function seenBy({ tenantId, datasets }: StoreReader): Prisma.DatasetWhereInput {
  return {
    tenantId,
    OR: [
      { kind: 'vector_store', vectorStore: { state: { not: 'deleting' } } },
      { kind: 'dataset', ...allowedOnly(datasets) },
    ],
  };
}

function allowedOnly(allowed: Allowlist): Prisma.DatasetWhereInput {
  if (allowed === '*') return {};
  const names = [...allowed];
  return { OR: [{ id: { in: names } }, { alias: { in: names } }] };
}
