import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../../platform/database/platform-database.js';

const deleteExpired = `
  with old as (select tenant_id, id from files where expires_at <= now() order by expires_at limit $1 for update skip locked)
  delete from files f using old where f.tenant_id = old.tenant_id and f.id = old.id returning f.storage_key as key`;

/** Deletes files of all tenants whose time is over. */
@Injectable()
export class ExpiredFilesRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** Deletes up to `limit` of them, with what was made of them. @returns where their contents lie. */
  async deleteExpired(limit: number): Promise<string[]> {
    return this.database.runSql(async (client) => {
      const { rows } = await client.query<{ key: string }>(deleteExpired, [limit]);
      return rows.map(({ key }) => key);
    });
  }
}
