import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';

const expire = `
  update vector_stores set state = 'expired'
   where state = 'active' and expires_days is not null and last_active_at + make_interval(days => expires_days) <= now()`;

/** Files of stores that are over leave them. */
const mark = `
  update ingestions set leaving = true, state = 'failed', error_code = 'cancelled', error_message = null, stage = null, updated_at = now()
   where (tenant_id, id) in (
     select i.tenant_id, i.id from vector_stores s join ingestions i on i.tenant_id = s.tenant_id and i.dataset_id = s.id
      where s.state <> 'active' and not i.leaving limit $1)`;

/** One of each tenant, of at most `$1` tenants: nobody waits behind another's many. The row is held until its step is done. */
const next = `
  select i.tenant_id as "tenantId", i.id, i.file_id as "fileId"
    from (select distinct on (tenant_id) tenant_id, id from ingestions where leaving order by tenant_id, id limit $1) first
    join ingestions i on i.tenant_id = first.tenant_id and i.id = first.id
   where i.leaving for update of i skip locked`;

const removePassages = `
  delete from chunks where tenant_id = $1 and file_id = $2 and ingestion_id = $3 and ordinal in (
    select ordinal from chunks where tenant_id = $1 and file_id = $2 and ingestion_id = $3 limit $4)`;

const removeStores = `
  delete from datasets d using vector_stores s
   where s.tenant_id = d.tenant_id and s.id = d.id and s.state = 'deleting'
     and not exists (select from ingestions i where i.tenant_id = s.tenant_id and i.dataset_id = s.id)`;

interface Leaving {
  readonly tenantId: string;
  readonly id: string;
  readonly fileId: string;
}

/** What is over in stores of all tenants, and how it is removed in steps. */
@Injectable()
export class StoreSweepRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** Ends stores whose time is over. */
  async expire(): Promise<void> {
    await this.database.runSql((client) => client.query(expire));
  }

  /** Takes up to `limit` files from stores that have expired or are being deleted; returns how many there were. */
  async markLeaving(limit: number): Promise<number> {
    return this.database.runSql(async (client) => (await client.query(mark, [limit])).rowCount ?? 0);
  }

  /**
   * Removes up to `limit` passages of one file of each of up to `tenants` tenants that was taken from its store, and the file's
   * ingestion with its last one. Returns how many files it looked at: none when all is done.
   */
  async removeSome(tenants: number, limit: number): Promise<number> {
    return this.database.runSql(async (client) => {
      const { rows } = await client.query<Leaving>(next, [tenants]);
      for (const { tenantId, id, fileId } of rows) {
        const { rowCount } = await client.query(removePassages, [tenantId, fileId, id, limit]);
        if ((rowCount ?? 0) < limit)
          await client.query('delete from ingestions where tenant_id = $1 and id = $2', [tenantId, id]);
      }
      return rows.length;
    });
  }

  /** Removes stores that were deleted and have no files any more. */
  async removeStores(): Promise<void> {
    await this.database.runSql((client) => client.query(removeStores));
  }
}
