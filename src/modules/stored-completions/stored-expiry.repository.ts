import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';

/** Each tenant looks along an index of its own rows, so nothing is read that stays. */
const deleteExpired = `
  with old as (
    select c.tenant_id, c.id from tenants t cross join lateral (
      select tenant_id, id from stored_completions
       where tenant_id = t.id and created_at < now() - make_interval(days => t.stored_days)
       order by created_at limit $1) c
     limit $1)
  delete from stored_completions c using old where c.tenant_id = old.tenant_id and c.id = old.id`;

/** Deletes what tenants do not keep any longer of what clients asked to store. */
@Injectable()
export class StoredExpiryRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** Deletes up to `limit` completions that are older than their tenant's days; returns how many. */
  async deleteExpired(limit: number): Promise<number> {
    return this.database.runSql(async (client) => (await client.query(deleteExpired, [limit])).rowCount ?? 0);
  }
}
