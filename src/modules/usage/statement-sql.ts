import { Prisma } from '../../platform/database/generated/client.js';
import { amountSums } from './usage-amounts.js';
import type { UsageFilter } from './usage-filter.js';
import { partsSql } from './usage-parts.js';
import { callSums, totalsSql } from './usage-totals.js';

/**
 * The totals of a filter and the first lines of its statement, in one statement, so that they agree. Calls without a price are
 * what is left of a key's calls of a name.
 */
export function statementSql(tenantId: string, filter: UsageFilter, hasUnmoved: boolean, limit: number): Prisma.Sql {
  return Prisma.sql`
    with called as (
      select key_id, endpoint, sum(calls) as calls from (${partsSql(tenantId, filter, hasUnmoved, callSums)}) parts group by 1, 2),
    priced as (
      select key_id, endpoint, connection_id, model, currency, sum(calls) as calls, sum(cost) as cost, sum(charge) as charge
        from (${partsSql(tenantId, filter, hasUnmoved, amountSums)}) parts group by 1, 2, 3, 4, 5 having sum(calls) <> 0),
    lines as (
      select * from priced
       union all
      select key_id, endpoint, null, null, null, called.calls - coalesce(paid.calls, 0), null, null
        from called left join (select key_id, endpoint, sum(calls) as calls from priced group by 1, 2) paid using (key_id, endpoint)
       where called.calls <> coalesce(paid.calls, 0)),
    shown as (
      select key_id as key, endpoint, (select c.name from connections c where c.tenant_id = ${tenantId} and c.id = connection_id) as connection,
             model, currency, calls, cost, charge
        from lines
       order by charge desc nulls last, calls desc, key_id, endpoint, connection_id, model, currency limit ${limit})
    select totals.*, (select coalesce(json_agg(shown), '[]') from shown) as lines
      from (${totalsSql(tenantId, filter, hasUnmoved)}) totals`;
}
