import { Injectable } from '@nestjs/common';
import { tuningMetadataOf, type ListFineTuningJobsQuery } from '../../../contracts/fine-tuning.js';
import type { RowPage } from '../../../contracts/lists.js';
import { readPage } from '../../../platform/database/cursor.js';
import type { Prisma } from '../../../platform/database/generated/client.js';
import type { Transaction } from '../../../platform/database/tenant-database.js';
import type { TuningPlace, TuningRecord } from './tuning-record.js';

export type NewTuningRecord = Omit<Prisma.FineTuningJobUncheckedCreateInput, 'tenantId' | 'id'>;

export type TuningChange = Prisma.FineTuningJobUncheckedUpdateInput;

/** A tenant's fine-tuning jobs. What the runs write stands in tuning-claims.repository. */
@Injectable()
export class TuningJobsRepository {
  find(tx: Transaction, { tenantId, id }: TuningPlace): Promise<TuningRecord | null> {
    return tx.fineTuningJob.findFirst({ where: { tenantId, id } });
  }

  /** The job whose model has this name. */
  findByModel(tx: Transaction, tenantId: string, fineTunedModel: string): Promise<TuningRecord | null> {
    return tx.fineTuningJob.findFirst({ where: { tenantId, fineTunedModel } });
  }

  /** The job as it stays until the transaction ends. */
  async lock(tx: Transaction, place: TuningPlace): Promise<TuningRecord | null> {
    await tx.$queryRaw`select id from fine_tuning_jobs where tenant_id = ${place.tenantId} and id = ${place.id} for no key update`;
    return this.find(tx, place);
  }

  /** How many of the tenant have not ended, and how many there are; the numbers hold until the transaction ends. */
  async counts(tx: Transaction, tenantId: string): Promise<{ readonly open: number; readonly all: number }> {
    await tx.$queryRaw`select pg_advisory_xact_lock(hashtextextended(${`fine-tuning ${tenantId}`}, 0))::text`;
    const [row] = await tx.$queryRaw<{ open: number; all: number }[]>`
      select count(*) filter (where status not in ('succeeded', 'failed', 'cancelled'))::int as open, count(*)::int as all
        from fine_tuning_jobs where tenant_id = ${tenantId}`;
    return row ?? { open: 0, all: 0 };
  }

  insert(tx: Transaction, { tenantId, id }: TuningPlace, values: NewTuningRecord): Promise<TuningRecord> {
    return tx.fineTuningJob.create({ data: { tenantId, id, ...values } });
  }

  update(tx: Transaction, { tenantId, id }: TuningPlace, change: TuningChange): Promise<TuningRecord> {
    return tx.fineTuningJob.update({ where: { tenantId_id: { tenantId, id } }, data: change });
  }

  /** Removes the oldest jobs that have ended and have no model. */
  async removeOldest(tx: Transaction, tenantId: string, count: number): Promise<void> {
    await tx.$executeRaw`
      delete from fine_tuning_jobs where tenant_id = ${tenantId} and id in
        (select id from fine_tuning_jobs
          where tenant_id = ${tenantId} and step = 'done' and model_state in ('none', 'deleted')
          order by created_at limit ${count})`;
  }

  list(tx: Transaction, tenantId: string, query: ListFineTuningJobsQuery): Promise<RowPage<TuningRecord>> {
    const pairs = Object.entries(tuningMetadataOf(query));
    const filters = pairs.map(([key, value]): Prisma.FineTuningJobWhereInput => ({ metadata: { path: [key], equals: value } }));
    return readPage<TuningRecord>(
      { ...query, before: undefined },
      {
        find: (id) => tx.fineTuningJob.findFirst({ where: { tenantId, id }, select: { id: true, createdAt: true } }),
        list: ({ where, orderBy, take }) =>
          tx.fineTuningJob.findMany({ where: { tenantId, ...where, AND: filters }, orderBy, take }),
      },
    );
  }
}
