import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';
import type { WaitingRun } from './runbook-run-record.js';

/** A run that perhaps has no job in the queue, and how many of its tenant stand before it. */
export interface LeftRun extends WaitingRun {
  readonly before: number;
}

/** Of each tenant the longest waiting first, all tenants in turn. */
const left = `
  select tenant_id as "tenantId", id, attempts, before from
    (select tenant_id, id, attempts, next_at, (row_number() over (partition by tenant_id order by next_at) - 1)::int as before
       from runbook_runs
      where finished_at is null and next_at < now() - interval '2 seconds' and (owner is null or claimed_until < now())) due
   order by before, next_at limit $1`;

const deleteOld = `
  delete from runbook_runs where (tenant_id, id) in
    (select tenant_id, id from runbook_runs r
      where finished_at < now() - make_interval(days => $1)
        and not (outcome is not distinct from 'pass' and not exists (select from runbook_runs n where n.tenant_id = r.tenant_id
              and n.runbook = r.runbook and n.outcome = 'pass' and n.finished_at > r.finished_at))
      limit $2)`;

/** Runs of runbooks of all tenants, for the sweeps. */
@Injectable()
export class RunbookSweepRepository {
  constructor(private readonly database: PlatformDatabase) {}

  async findLeft(limit: number): Promise<LeftRun[]> {
    return this.database.runSql(async (client) => (await client.query<LeftRun>(left, [limit])).rows);
  }

  /** Removes up to `limit` runs that ended so many days ago; the last one of each product that passed stays. @returns how many. */
  async deleteOld(days: number, limit: number): Promise<number> {
    return this.database.runSql(async (client) => (await client.query(deleteOld, [days, limit])).rowCount ?? 0);
  }
}
