import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';

/** A delivery whose time has come. */
export interface DueDelivery {
  readonly tenantId: string;
  readonly id: string;
  /** Tries that were made. */
  readonly attempts: number;
  /** 1 for the tenant's longest waiting one. */
  readonly place: number;
}

/** The first of every tenant, then the second of every tenant: one with thousands does not stand before the others. */
const due = `
  select * from (
    select d.tenant_id as "tenantId", d.id, d.attempts,
           row_number() over (partition by d.tenant_id order by d.next_attempt_at, d.id)::int as place
      from webhook_deliveries d
      join webhooks w on w.tenant_id = d.tenant_id and w.id = d.webhook_id and w.state = 'active'
      join tenants t on t.id = d.tenant_id and t.state = 'active'
     where d.state = 'pending' and d.next_attempt_at <= now()) as waiting
   where place <= 50 order by place limit $1`;

const deleteEnded = `
  delete from webhook_deliveries where (tenant_id, id) in
    (select tenant_id, id from webhook_deliveries
      where state in ('delivered', 'failed') and created_at < now() - make_interval(days => $1) limit $2)`;

/** A former secret whose time is over signs no more already; its row only takes room. */
const deleteSecrets = `
  delete from webhook_former_secrets where (tenant_id, id) in
    (select tenant_id, id from webhook_former_secrets where expires_at <= now() limit $1)`;

/** Deliveries of all tenants, for the workers. */
@Injectable()
export class WebhookSweepRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** Up to `limit` deliveries that are due. */
  async findDue(limit: number): Promise<DueDelivery[]> {
    return this.database.runSql(async (client) => (await client.query<DueDelivery>(due, [limit])).rows);
  }

  /** Deletes up to `limit` ended deliveries of events older than `ageDays`; returns how many. */
  async deleteEnded(ageDays: number, limit: number): Promise<number> {
    return this.database.runSql(async (client) => (await client.query(deleteEnded, [ageDays, limit])).rowCount ?? 0);
  }

  /** Deletes up to `limit` former secrets whose overlap is over; returns how many. */
  async deleteEndedSecrets(limit: number): Promise<number> {
    return this.database.runSql(async (client) => (await client.query(deleteSecrets, [limit])).rowCount ?? 0);
  }
}
