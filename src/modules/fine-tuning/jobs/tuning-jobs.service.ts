import { Injectable } from '@nestjs/common';
import type { ListFineTuningJobsQuery, ListTuningHistoryQuery } from '../../../contracts/fine-tuning.js';
import type { RowPage } from '../../../contracts/lists.js';
import { AppError } from '../../../kernel/app-error.js';
import { TenantDatabase, type Transaction } from '../../../platform/database/tenant-database.js';
import { TuningHistoryRepository } from '../record/tuning-history.repository.js';
import { TuningJobsRepository } from '../record/tuning-jobs.repository.js';
import type { TuningCheckpointRecord, TuningEventRecord, TuningPlace, TuningRecord } from '../record/tuning-record.js';

/** A page of what happened to a job, with the job. */
export interface TuningHistoryPage<Row> extends RowPage<Row> {
  readonly job: TuningRecord;
}

/** Fine-tuning jobs as the tenant's keys see them. Another tenant's is as good as absent. */
@Injectable()
export class TuningJobsService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly jobs: TuningJobsRepository,
    private readonly history: TuningHistoryRepository,
  ) {}

  list(tenantId: string, query: ListFineTuningJobsQuery): Promise<RowPage<TuningRecord>> {
    return this.database.run(tenantId, (tx) => this.jobs.list(tx, tenantId, query));
  }

  /** @throws AppError not_found. */
  get(place: TuningPlace): Promise<TuningRecord> {
    return this.database.run(place.tenantId, (tx) => this.getIn(tx, place));
  }

  /** @throws AppError not_found, invalid_value for a cursor that is none. */
  events(place: TuningPlace, query: ListTuningHistoryQuery): Promise<TuningHistoryPage<TuningEventRecord>> {
    return this.database.run(place.tenantId, async (tx) => {
      const job = await this.getIn(tx, place);
      return { job, ...(await this.history.listEvents(tx, place, query)) };
    });
  }

  /** @throws AppError as `events`. */
  checkpoints(place: TuningPlace, query: ListTuningHistoryQuery): Promise<TuningHistoryPage<TuningCheckpointRecord>> {
    return this.database.run(place.tenantId, async (tx) => {
      const job = await this.getIn(tx, place);
      return { job, ...(await this.history.listCheckpoints(tx, place, query)) };
    });
  }

  private async getIn(tx: Transaction, place: TuningPlace): Promise<TuningRecord> {
    const job = await this.jobs.find(tx, place);
    if (job === null) throw new AppError('not_found', { message: 'There is no such fine-tuning job.' });
    return job;
  }
}
