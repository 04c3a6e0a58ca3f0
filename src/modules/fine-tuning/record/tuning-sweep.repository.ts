import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../../platform/database/platform-database.js';
import type { TuningPlace } from './tuning-record.js';

/** A job that is due and perhaps has no job in the queue, and how many of its tenant stand before it. */
export interface LeftTuning extends TuningPlace {
  readonly before: number;
}

/** Of each tenant the longest waiting first, all tenants in turn. */
const left = `
  select tenant_id as "tenantId", id, before from
    (select tenant_id, id, next_at, (row_number() over (partition by tenant_id order by next_at) - 1)::int as before
       from fine_tuning_jobs
      where (step <> 'done' or model_state = 'deleting') and next_at < now() - interval '2 seconds'
        and (owner is null or claimed_until < now())) due
   order by before, next_at limit $1`;

/** Fine-tuning jobs of all tenants, for the sweep. */
@Injectable()
export class TuningSweepRepository {
  constructor(private readonly database: PlatformDatabase) {}

  async findLeft(limit: number): Promise<LeftTuning[]> {
    return this.database.runSql(async (client) => (await client.query<LeftTuning>(left, [limit])).rows);
  }
}
