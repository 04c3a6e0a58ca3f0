import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';

export interface StoredSession {
  readonly id: string;
  readonly role: string;
  /** By which the audit names whoever is signed in. */
  readonly name: string;
  /** Null for an operator's. */
  readonly tenantId: string | null;
  readonly memberId: string | null;
  /** The operator's token that it was made of. */
  readonly tokenId: string | null;
  readonly lastSeenAtMs: number;
  readonly expiresAtMs: number;
}

/** Finds whose session a secret is, over all tenants and the operators. */
@Injectable()
export class SessionLookupRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** A session whose member was disabled or has another role, whose tenant is not active, or whose token was revoked is none. */
  async findByHash(hash: string): Promise<StoredSession | undefined> {
    return this.database.runSql(async (client) => {
      const { rows } = await client.query<StoredSession>(
        `select s.id, s.role, m.email as name, s.tenant_id as "tenantId", s.member_id as "memberId", null as "tokenId",
                (extract(epoch from s.last_seen_at) * 1000)::float8 as "lastSeenAtMs",
                (extract(epoch from s.expires_at) * 1000)::float8 as "expiresAtMs"
           from sessions s join tenants t on t.id = s.tenant_id
           join members m on m.tenant_id = s.tenant_id and m.id = s.member_id
          where s.hash = $1 and t.state = 'active' and m.state = 'active' and m.role = s.role
         union all
         select o.id, 'operator', k.name, null, null, o.token_id,
                (extract(epoch from o.last_seen_at) * 1000)::float8, (extract(epoch from o.expires_at) * 1000)::float8
           from operator_sessions o join operator_tokens k on k.id = o.token_id
          where o.hash = $1 and k.revoked_at is null`,
        [hash],
      );
      return rows[0];
    });
  }
}
