import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';
import type { BatchStatus } from '../../contracts/batches.js';
import type { WaitingBatch } from '../batches/batch-jobs.js';
import type { BatchPlace } from '../batches/batch-record.js';

/** A run that is silent for so long is dead. */
const deadSeconds = 10;

/** A run of a batch, by its own id. */
export interface RunPlace {
  readonly tenantId: string;
  readonly id: string;
}

/** A batch at which there is something to do, and how many open ones its tenant has. */
export interface LeftBatch extends WaitingBatch {
  readonly open: number;
}

const beat = `
  update batch_runs r set beat_at = now() from batches b
   where (r.tenant_id, r.id) in (select * from unnest($1::text[], $2::text[])) and b.tenant_id = r.tenant_id and b.id = r.batch_id
  returning r.id, b.status`;

const seeming = `
  select tenant_id as "tenantId", id from batch_runs where beat_at < now() - make_interval(secs => ${deadSeconds}) limit $1`;

const bury = `
  with dead as (
    delete from batch_runs
     where (tenant_id, id) in (select * from unnest($1::text[], $2::text[])) and beat_at < now() - make_interval(secs => ${deadSeconds})
    returning tenant_id, batch_id, id
  )
  update batch_lines l set state = 'pending', owner = null, deaths = l.deaths + 1 from dead d
   where l.tenant_id = d.tenant_id and l.batch_id = d.batch_id and l.owner = d.id and l.state = 'running'`;

const expire = `
  update batches set status = 'finalizing', ends_as = 'expired', finalizing_at = now()
   where (tenant_id, id) in (select tenant_id, id from batches
                              where status in ('validating', 'in_progress') and window_ends_at <= now() limit $1 for update skip locked)`;

const left = `
  select b.tenant_id as "tenantId", b.id, b.runs, o.open
    from batches b
    join (select tenant_id, count(*)::int as open from batches where not cleared group by tenant_id) o using (tenant_id)
   where not b.cleared order by random() limit $1`;

/** Asks after the batches of all tenants in one statement each: for the runs of this process, and for the sweep. */
@Injectable()
export class BatchWatchRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** Says that these runs live. @returns what has become of the batches of those that are not taken for dead. */
  async beat(runs: readonly RunPlace[]): Promise<ReadonlyMap<string, BatchStatus>> {
    const rows = await this.query<{ id: string; status: BatchStatus }>(beat, placesOf(runs));
    return new Map(rows.map(({ id, status }) => [id, status]));
  }

  /** Up to `limit` runs that seem dead. */
  async silent(limit: number): Promise<RunPlace[]> {
    return this.query(seeming, [limit]);
  }

  /** Frees what those of these runs held that are silent still. */
  async bury(runs: readonly RunPlace[]): Promise<void> {
    await this.query(bury, placesOf(runs));
  }

  /** Has up to `limit` batches go to their end whose window is over. */
  async expire(limit: number): Promise<void> {
    await this.query(expire, [limit]);
  }

  /** Up to `limit` batches at which something is left to do, any of them. */
  async left(limit: number): Promise<LeftBatch[]> {
    return this.query(left, [limit]);
  }

  private async query<Row extends object>(sql: string, values: unknown[]): Promise<Row[]> {
    return this.database.runSql(async (client) => (await client.query<Row>(sql, values)).rows);
  }
}

function placesOf(places: readonly (RunPlace | BatchPlace)[]): unknown[] {
  return [places.map(({ tenantId }) => tenantId), places.map(({ id }) => id)];
}
