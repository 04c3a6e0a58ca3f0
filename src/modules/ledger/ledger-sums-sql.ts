import { Prisma } from '../../platform/database/generated/client.js';
import type { CheckedPeriod, LedgerFaultRecord, LedgerTotals } from './ledger-check.js';
import { inPeriods, type PeriodFilter } from './ledger-filter.js';

export interface SumsRow {
  readonly entries: number;
  readonly periods: number;
  readonly totals: readonly LedgerTotals[] | null;
  readonly shownPeriods: readonly CheckedPeriod[] | null;
  readonly faults: number;
  readonly shownFaults: readonly LedgerFaultRecord[] | null;
}

/**
 * What the entries of each period add up to, what processes hold of it, and where the sums that are kept with periods and slices
 * are others. The periods of deleted budgets are gone, and so are slices that are over: nothing is held against those.
 */
export function sumsSql(tenantId: string, filter: PeriodFilter, most: { periods: number; faults: number }): Prisma.Sql {
  const asked = inPeriods(tenantId, filter);
  // What deleted budgets leave behind goes with the next sweep.
  const isThere = Prisma.sql`budget_id in (select id from budgets where tenant_id = ${tenantId})`;
  return Prisma.sql`
    with entries as (
      select budget_id, starts_at, slice_id, max(currency) as currency, count(*) as entries,
             coalesce(sum(amount) filter (where kind = 'reserve'), 0) as reserved,
             coalesce(sum(amount) filter (where kind = 'settle'), 0) as settled,
             coalesce(sum(amount) filter (where kind = 'release'), 0) as released,
             coalesce(-sum(amount) filter (where kind = 'release' and part = 0 and amount < 0), 0) as beyond
        from ledger_entries where ${asked} group by budget_id, starts_at, slice_id),
    summed as (
      select budget_id, starts_at, max(currency) as currency, sum(entries) as entries, sum(reserved) as reserved,
             sum(settled) as settled, sum(released) as released, sum(beyond) as beyond
        from entries group by budget_id, starts_at),
    slices as (select budget_id, starts_at, id, state, held, settled from budget_slices where ${asked} and ${isThere}),
    held as (
      select budget_id, starts_at, coalesce(sum(greatest(held - settled, 0)) filter (where state = 'open'), 0) as open,
             coalesce(sum(greatest(held - settled, 0)) filter (where state = 'assumed'), 0) as assumed
        from slices group by budget_id, starts_at),
    counted as (select budget_id, starts_at, ends_at, settled from budget_periods where ${asked} and ${isThere}),
    periods as (
      select budget_id, starts_at, c.ends_at, b.id is null as is_deleted, coalesce(b.currency, s.currency) as currency, b.amount,
             coalesce(s.reserved, 0) as reserved, coalesce(s.settled, 0) as settled, coalesce(s.released, 0) as released,
             coalesce(s.beyond, 0) as beyond, coalesce(h.open, 0) as open, coalesce(h.assumed, 0) as assumed,
             coalesce(s.settled, 0) + coalesce(h.assumed, 0) as spent, coalesce(c.settled, 0) as counted
        from summed s full join counted c using (budget_id, starts_at) left join held h using (budget_id, starts_at)
             left join budgets b on b.tenant_id = ${tenantId} and b.id = budget_id),
    faults as (
      select 'period' as what, budget_id, starts_at, null as slice_id, settled as expected, counted as found
        from periods where not is_deleted and settled <> counted
      union all
      select 'slice', s.budget_id, s.starts_at, s.id, coalesce(e.settled, 0), s.settled
        from slices s left join (select slice_id, sum(settled) as settled from entries group by slice_id) e on e.slice_id = s.id
       where s.settled <> coalesce(e.settled, 0))
    select (select coalesce(sum(entries), 0)::float8 from entries) as entries, (select count(*)::float8 from periods) as periods,
           (select json_agg(t) from (
              select currency, sum(reserved) as reserved, sum(settled) as settled, sum(released) as released, sum(open) as open,
                     sum(assumed) as assumed, sum(spent) as spent from periods group by currency order by currency) t) as totals,
           (select json_agg(json_build_object(
                     'budgetId', budget_id, 'startsAtMs', extract(epoch from starts_at) * 1000, 'endsAtMs', extract(epoch from ends_at) * 1000,
                     'isDeleted', is_deleted, 'currency', currency, 'amount', amount, 'reserved', reserved, 'settled', settled,
                     'released', released, 'open', open, 'assumed', assumed, 'spent', spent, 'beyond', beyond))
              from (select * from periods order by starts_at desc, budget_id limit ${most.periods}) first) as "shownPeriods",
           (select count(*)::float8 from faults) as faults,
           (select json_agg(json_build_object('what', what, 'budgetId', budget_id, 'startsAtMs', extract(epoch from starts_at) * 1000,
                                              'callId', null, 'sliceId', slice_id, 'expected', expected, 'found', found))
              from (select * from faults limit ${most.faults}) first) as "shownFaults"`;
}
