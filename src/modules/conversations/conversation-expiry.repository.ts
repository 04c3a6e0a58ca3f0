import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';

/** A tenant that keeps conversations for so many days. */
export interface Retention {
  readonly tenantId: string;
  readonly days: number;
}

/** A conversation lives on while a turn of it is under way, and with each file that was added since. */
const deleteUntouched = `
  with old as (
    select c.tenant_id, c.id from conversations c
     where c.tenant_id = $1 and c.updated_at < now() - make_interval(days => $2)
       and (c.lease_until is null or c.lease_until < now())
       and not exists (select 1 from files f where f.tenant_id = c.tenant_id and f.conversation_id = c.id
                          and f.created_at >= now() - make_interval(days => $2))
     order by c.updated_at limit $3 for update of c skip locked)
  delete from conversations c using old where c.tenant_id = old.tenant_id and c.id = old.id`;

/** Finds and deletes what tenants do not want to keep. */
@Injectable()
export class ConversationExpiryRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** The tenants that limit how long conversations are kept. */
  async retentions(): Promise<Retention[]> {
    return this.database.runSql(async (client) => {
      const { rows } = await client.query<Retention>(
        'select id as "tenantId", retention_days as days from tenants where retention_days is not null order by id',
      );
      return rows;
    });
  }

  /** Deletes up to `limit` conversations, with their items and files, that nobody touched for so long; returns how many. */
  async deleteUntouched({ tenantId, days }: Retention, limit: number): Promise<number> {
    return this.database.runSql(async (client) => (await client.query(deleteUntouched, [tenantId, days, limit])).rowCount ?? 0);
  }
}
