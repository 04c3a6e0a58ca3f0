import { Prisma } from '../../platform/database/generated/client.js';
import type { UsageFilter } from './usage-filter.js';
import { partsSql, subtotals } from './usage-parts.js';
import { totals } from './usage-totals.js';

/**
 * The totals of a filter and the first lines of its statement, in one statement, so that they agree. Calls without a price are
 * told apart by key and name alone.
 */
export function statementSql(tenantId: string, filter: UsageFilter, hasUnmoved: boolean, limit: number): Prisma.Sql {
  const parts = partsSql(tenantId, filter, hasUnmoved, { columns: () => Prisma.sql`key_id, endpoint, connection_id, model` });
  return Prisma.sql`
    with named as (
      select key_id, endpoint, case when currency <> '' then connection_id end as connection_id,
             case when currency <> '' then model end as model, currency, ${subtotals}
        from (${parts}) parts group by 1, 2, 3, 4, 5 having sum(calls) <> 0),
    shown as (
      select key_id as key, (select k.name from keys k where k.tenant_id = ${tenantId} and k.id = key_id) as key_name, endpoint, (select c.name from connections c where c.tenant_id = ${tenantId} and c.id = connection_id) as connection,
             model, nullif(currency, '') as currency, calls, case when currency <> '' then cost end as cost,
             case when currency <> '' then charge end as charge
        from named
       order by charge desc nulls last, calls desc, key_id, endpoint, connection_id, model, currency limit ${limit})
    select ${totals}, (select coalesce(json_agg(shown), '[]') from shown) as lines
      from (select currency, ${subtotals} from named group by 1) by_currency`;
}
