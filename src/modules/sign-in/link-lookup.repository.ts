import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';

/** Finds whose link a token is, over all tenants. */
@Injectable()
export class LinkLookupRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** The tenant of the link with this hash; undefined when there is none, or its time is over. */
  async tenantOf(hash: string): Promise<string | undefined> {
    return this.database.runSql(async (client) => {
      const { rows } = await client.query<{ tenantId: string }>(
        `select l.tenant_id as "tenantId" from member_links l join tenants t on t.id = l.tenant_id
          where l.hash = $1 and l.expires_at > now() and t.state = 'active'`,
        [hash],
      );
      return rows[0]?.tenantId;
    });
  }
}
