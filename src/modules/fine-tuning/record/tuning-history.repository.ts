import { Injectable } from '@nestjs/common';
import type { ListTuningHistoryQuery } from '../../../contracts/fine-tuning.js';
import type { RowPage } from '../../../contracts/lists.js';
import { AppError } from '../../../kernel/app-error.js';
import { newId } from '../../../kernel/ids.js';
import type { Prisma } from '../../../platform/database/generated/client.js';
import type { Transaction } from '../../../platform/database/tenant-database.js';
import type { TuningCheckpointRecord, TuningEventRecord, TuningPlace } from './tuning-record.js';

/** So many events of one job are kept, and so many checkpoints. */
const mostEvents = 10_000;
const mostCheckpoints = 200;

export type NewTuningEvent = Omit<TuningEventRecord, 'tenantId' | 'jobId' | 'id' | 'place' | 'data'> & {
  readonly data: Prisma.InputJsonObject;
};

export type NewTuningCheckpoint = Omit<TuningCheckpointRecord, 'tenantId' | 'jobId' | 'id' | 'place' | 'metrics'> & {
  readonly metrics: Prisma.InputJsonObject;
};

/** What providers have told of jobs, each item once, in the order in which it was told. */
@Injectable()
export class TuningHistoryRepository {
  /** Those of a provider's events that are kept already. */
  async knownEvents(tx: Transaction, { tenantId, id }: TuningPlace): Promise<ReadonlySet<string>> {
    const rows = await tx.fineTuningEvent.findMany({ where: { tenantId, jobId: id }, select: { providerId: true } });
    return new Set(rows.map(({ providerId }) => providerId));
  }

  /** Adds events, the oldest first. Whoever adds holds the job, so nobody else does. */
  async addEvents(tx: Transaction, { tenantId, id: jobId }: TuningPlace, events: readonly NewTuningEvent[]): Promise<void> {
    const from = await tx.fineTuningEvent.count({ where: { tenantId, jobId } });
    const rows = events
      .slice(0, Math.max(0, mostEvents - from))
      .map((event, at) => ({ tenantId, jobId, id: newId('fineTuningEvent'), place: from + at, ...event }));
    await tx.fineTuningEvent.createMany({ data: rows, skipDuplicates: true });
  }

  /** The same for checkpoints. */
  async addCheckpoints(
    tx: Transaction,
    { tenantId, id: jobId }: TuningPlace,
    given: readonly NewTuningCheckpoint[],
  ): Promise<void> {
    const known = new Set((await this.allCheckpoints(tx, { tenantId, id: jobId })).map(({ providerId }) => providerId));
    const rows = given
      .filter(({ providerId }) => !known.has(providerId))
      .slice(0, Math.max(0, mostCheckpoints - known.size))
      .map((one, at) => ({ tenantId, jobId, id: newId('fineTuningCheckpoint'), place: known.size + at, ...one }));
    await tx.fineTuningCheckpoint.createMany({ data: rows, skipDuplicates: true });
  }

  allCheckpoints(tx: Transaction, { tenantId, id }: TuningPlace): Promise<TuningCheckpointRecord[]> {
    return tx.fineTuningCheckpoint.findMany({ where: { tenantId, jobId: id }, orderBy: { place: 'asc' } });
  }

  listEvents(tx: Transaction, place: TuningPlace, query: ListTuningHistoryQuery): Promise<RowPage<TuningEventRecord>> {
    return pageOf(query, place, {
      find: (where) => tx.fineTuningEvent.findFirst({ where, select: { place: true } }),
      list: (page) => tx.fineTuningEvent.findMany(page),
    });
  }

  listCheckpoints(tx: Transaction, place: TuningPlace, query: ListTuningHistoryQuery): Promise<RowPage<TuningCheckpointRecord>> {
    return pageOf(query, place, {
      find: (where) => tx.fineTuningCheckpoint.findFirst({ where, select: { place: true } }),
      list: (page) => tx.fineTuningCheckpoint.findMany(page),
    });
  }
}

interface HistorySource<Row> {
  readonly find: (where: { tenantId: string; jobId: string; id: string }) => Promise<{ readonly place: number } | null>;
  readonly list: (page: {
    where: { tenantId: string; jobId: string; place?: { lt: number } | { gt: number } };
    orderBy: { place: 'asc' | 'desc' };
    take: number;
  }) => Promise<Row[]>;
}

/** One page by place. @throws AppError invalid_value for a cursor that is none of the job's items. */
async function pageOf<Row>(
  { order, after, limit }: ListTuningHistoryQuery,
  { tenantId, id: jobId }: TuningPlace,
  source: HistorySource<Row>,
): Promise<RowPage<Row>> {
  const cursor = after === undefined ? undefined : await source.find({ tenantId, jobId, id: after });
  if (cursor === null)
    throw new AppError('invalid_value', {
      param: 'after',
      message: "The cursor 'after' is not the id of an item of this list.",
    });
  const beyond = cursor === undefined ? {} : { place: order === 'asc' ? { gt: cursor.place } : { lt: cursor.place } };
  const rows = await source.list({ where: { tenantId, jobId, ...beyond }, orderBy: { place: order }, take: limit + 1 });
  return { rows: rows.slice(0, limit), hasMore: rows.length > limit };
}
