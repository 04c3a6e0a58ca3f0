import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';
import { deadSeconds, mostBytesOfTenant, type ApprovalClaim, type ApprovalPlace } from './approval-record.js';

/** Of each tenant only so many, so that none stands behind all that another has, and none of one whose results leave no room. */
const due = `
  select tenant_id as "tenantId", id from
    (select tenant_id, id, due_at, row_number() over (partition by tenant_id order by due_at) as place from approvals
      where state = 'approved' and due_at <= now() and expires_at > now()) d
   where place <= $2
     and (select coalesce(sum(result_bytes), 0) from approvals r
           where r.tenant_id = d.tenant_id and (r.state = 'running' or r.kept_until > now())) < ${mostBytesOfTenant}
   order by place, due_at limit $1`;

const lost = `
  select tenant_id as "tenantId", id from approvals
   where state = 'running' and beat_at < now() - make_interval(secs => ${deadSeconds}) limit $1`;

const beat = `
  update approvals set beat_at = now()
   where (tenant_id, id, owner) in (select * from unnest($1::text[], $2::text[], $3::text[])) and state = 'running' returning owner`;

/** What was not decided, or not run, in time; requests of calls that are over go with it. */
const expire = `
  with over as (
    update approvals set state = 'expired', head = null, updated_at = now()
     where state in ('pending', 'approved') and expires_at <= now() returning tenant_id, id)
  delete from approval_parts p using over o where p.tenant_id = o.tenant_id and p.approval_id = o.id and p.kind = 'request'`;

const cleared = `
  with over as (
    update approvals set head = null, updated_at = now() where state = 'expired' and head is not null returning tenant_id, id)
  delete from approval_parts p using over o where p.tenant_id = o.tenant_id and p.approval_id = o.id and p.kind = 'request'`;

const forget = `
  with over as (
    update approvals set kept_until = null, idempotency_id = null, updated_at = now() where kept_until <= now() returning tenant_id, id)
  delete from approval_parts p using over o where p.tenant_id = o.tenant_id and p.approval_id = o.id`;

/** Who asked for what, and who decided, stands in the list for so long. */
const remove = `
  delete from approvals where state in ('completed', 'rejected', 'expired') and kept_until is null and updated_at < now() - interval '30 days'`;

/** Asks after held calls of all tenants in one statement each: for the runs of a process, and for the sweep. */
@Injectable()
export class ApprovalWatchRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** Up to `limit` approved calls whose turn it is, at most so many of one tenant. */
  due(limit: number, ofTenant: number): Promise<ApprovalPlace[]> {
    return this.query(due, [limit, ofTenant]);
  }

  /** Up to `limit` calls whose run seems dead. */
  lost(limit: number): Promise<ApprovalPlace[]> {
    return this.query(lost, [limit]);
  }

  /** Says that these runs live. @returns the owners of those that still have their calls. */
  async beat(runs: readonly ApprovalClaim[]): Promise<Set<string>> {
    const column = (name: keyof ApprovalClaim): string[] => runs.map((run) => run[name]);
    const rows = await this.query<{ owner: string }>(beat, [column('tenantId'), column('id'), column('owner')]);
    return new Set(rows.map(({ owner }) => owner));
  }

  /** Ends calls that nobody has decided, and removes what is not kept any longer. */
  async expire(): Promise<void> {
    for (const statement of [expire, cleared, forget, remove]) await this.query(statement, []);
  }

  private async query<Row extends object>(sql: string, values: unknown[]): Promise<Row[]> {
    return this.database.runSql(async (client) => (await client.query<Row>(sql, values)).rows);
  }
}
