import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../../platform/database/platform-database.js';
import type { WaitingFile } from '../record/file-record.js';
import { heldBack } from '../record/file-row.js';

/** A file without a job, perhaps, and how many unfinished ones its tenant has. */
export interface LeftFile extends WaitingFile {
  readonly unfinished: number;
}

/** The work that waits, over all tenants. */
export interface QueueState {
  readonly waiting: number;
  readonly running: number;
  readonly oldestWaitingMs: number | null;
}

/**
 * Files that wait and were not queued within the last minute, and files whose run has said nothing for so long or let go
 * of them; none that are held back. Some of them may have a job all the same: a second one of the same id is dropped.
 */
const left = `
  with waiting as (
         select tenant_id, id, attempts, state, stage, queued_at, created_at, updated_at from files where state not in ('ready', 'failed')
         union all
         select tenant_id, id, attempts, state, stage, queued_at, created_at, updated_at from ingestions
          where not is_own and state not in ('ready', 'failed')),
       unfinished as (select tenant_id, count(*)::int as count from waiting group by tenant_id)
  select f.tenant_id as "tenantId", f.id, f.attempts, u.count as unfinished from waiting f join unfinished u using (tenant_id)
   where f.queued_at is distinct from $3
     and ((f.queued_at is null and f.updated_at < now() - interval '5 seconds') or f.queued_at < now() - interval '60 seconds'
      or ($2 and f.stage is null))
   order by f.queued_at nulls first, f.created_at limit $1`;

const holders = `select distinct tenant_id as "tenantId" from files where state = 'stored' and queued_at = $1`;

/** Of a file that nobody works on, `queued_at` says when its job was queued. */
const markQueued = (table: 'files' | 'ingestions'): string => `
  update ${table} set queued_at = now() where (tenant_id, id) in (select * from unnest($1::text[], $2::text[])) and stage is null
     and state not in ('ready', 'failed')`;

const state = `
  select count(*) filter (where stage is null)::int as waiting, count(*) filter (where stage is not null)::int as running,
         floor(extract(epoch from now() - min(updated_at) filter (where stage is null)) * 1000)::float8 as "oldestWaitingMs"
    from files where state not in ('ready', 'failed')`;

/** Files and further ingestions of all tenants, for the sweeps and the operators. */
@Injectable()
export class FileSweepRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** Up to `limit` files that may have no job, the longest waiting first; with `allWaiting` all that no run has taken. */
  async findLeft(limit: number, allWaiting: boolean): Promise<LeftFile[]> {
    return this.database.runSql(async (client) => (await client.query<LeftFile>(left, [limit, allWaiting, heldBack])).rows);
  }

  /** The tenants of which files are held back. */
  async findHolders(): Promise<string[]> {
    const { rows } = await this.database.runSql((client) => client.query<{ tenantId: string }>(holders, [heldBack]));
    return rows.map(({ tenantId }) => tenantId);
  }

  async markQueued(files: readonly WaitingFile[]): Promise<void> {
    const values = [files.map(({ tenantId }) => tenantId), files.map(({ id }) => id)];
    await this.database.runSql(async (client) => {
      await client.query(markQueued('files'), values);
      await client.query(markQueued('ingestions'), values);
    });
  }

  async queueState(): Promise<QueueState> {
    const { rows } = await this.database.runSql((client) => client.query<QueueState>(state));
    return rows[0] ?? { waiting: 0, running: 0, oldestWaitingMs: null };
  }
}
