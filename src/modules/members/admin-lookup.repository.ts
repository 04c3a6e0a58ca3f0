import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';

export interface StoredAdminToken {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  /** Null for an operator's token. */
  readonly tenantId: string | null;
  readonly memberId: string | null;
  readonly expiresAtMs: number | null;
  readonly revoked: boolean;
  readonly suspended: boolean;
}

/** Finds whose admin token a secret is, over all tenants and the operators. */
@Injectable()
export class AdminLookupRepository {
  constructor(private readonly database: PlatformDatabase) {}

  async findByHash(hash: string): Promise<StoredAdminToken | undefined> {
    return this.database.runSql(async (client) => {
      const { rows } = await client.query<StoredAdminToken>(
        `select a.id, a.name, a.role, a.tenant_id as "tenantId", a.member_id as "memberId", (extract(epoch from a.expires_at) * 1000)::float8 as "expiresAtMs",
                (a.revoked_at is not null or t.state = 'disabled' or coalesce(m.state, 'active') <> 'active') as revoked,
                t.state = 'suspended' as suspended
           from admin_tokens a join tenants t on t.id = a.tenant_id
           left join members m on m.tenant_id = a.tenant_id and m.id = a.member_id
          where a.hash = $1
         union all
         select o.id, o.name, 'operator', null, null, null, o.revoked_at is not null, false from operator_tokens o where o.hash = $1`,
        [hash],
      );
      return rows[0];
    });
  }
}
