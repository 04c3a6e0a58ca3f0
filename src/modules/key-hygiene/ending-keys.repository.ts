import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { EventKey } from './key-event.js';

/** A key that ends within so many days, 0 for one that has ended, of which nobody was told yet. */
export interface EndingKey {
  readonly tenantId: string;
  readonly id: string;
  readonly days: number;
}

/** Finds keys whose end comes near. */
@Injectable()
export class EndingKeysRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /**
   * Up to `limit` keys of all tenants: the fewest of `days` within which each ends, where it was not told of that or less. A key whose
   * end lies a day back is not looked for any more.
   */
  async find(days: readonly number[], limit: number): Promise<EndingKey[]> {
    return this.database.runSql(async (client) => {
      const { rows } = await client.query<EndingKey>(
        `select k.tenant_id as "tenantId", k.id, due.days
           from keys k
                cross join lateral (select min(d) as days from unnest($1::int[]) as d where k.expires_at <= now() + make_interval(days => d)) due
                left join key_end_notices n on n.tenant_id = k.tenant_id and n.id = k.id and n.ends_at = k.expires_at
          where k.expires_at between now() - interval '1 day' and now() + make_interval(days => (select max(d) from unnest($1::int[]) as d))
            and k.state = 'active' and due.days is not null and coalesce(n.days, 2147483647) > due.days
          order by k.expires_at limit $2`,
        [days, limit],
      );
      return rows;
    });
  }

  /** Notes that the tenant is told. @returns the key as it is now; undefined where it has changed meanwhile, or was told. */
  async note(transaction: Transaction, { tenantId, id, days }: EndingKey): Promise<EventKey | undefined> {
    const [key] = await transaction.$queryRaw<EventKey[]>`
      select id, name, state, expires_at as "expiresAt" from keys
       where tenant_id = ${tenantId} and id = ${id} and state = 'active' and expires_at <= now() + make_interval(days => ${days}) for update`;
    if (key === undefined || key.expiresAt === null) return undefined;
    const told = await transaction.$executeRaw`
      insert into key_end_notices as n (tenant_id, id, ends_at, days) values (${tenantId}, ${id}, ${key.expiresAt}, ${days})
      on conflict (tenant_id, id) do update set ends_at = excluded.ends_at, days = excluded.days
       where n.ends_at <> excluded.ends_at or n.days > excluded.days`;
    return told === 1 ? key : undefined;
  }
}
