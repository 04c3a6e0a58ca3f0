import { Prisma } from '../../platform/database/generated/client.js';
import type { LedgerFaultRecord } from './ledger-check.js';
import { inPeriods, type PeriodFilter } from './ledger-filter.js';

export interface CallsRow {
  readonly calls: number;
  readonly faults: number;
  readonly shown: readonly LedgerFaultRecord[] | null;
}

/**
 * Holds the entries of each call and budget against each other and against the call's usage record. An entry in another period,
 * or of another time, than the others of its call is of a call of its own, which lacks something. What a call takes stands in
 * `takenOf` in modules/spending/claims.ts: nothing when nobody knows how it ended, its tokens, its charge, or its reservation.
 * Calls come in the order of their records, so that no more is held than a few of each.
 */
export function callsSql(tenantId: string, filter: PeriodFilter, limit: number): Prisma.Sql {
  return Prisma.sql`
    with calls as (
      select at, call_id, budget_id, starts_at, currency,
             coalesce(sum(amount) filter (where kind = 'reserve'), 0) as reserved,
             sum(amount) filter (where kind = 'settle') as settled,
             coalesce(sum(amount) filter (where kind = 'release'), 0) as released,
             max(tokens) filter (where kind = 'settle') as tokens,
             bool_or(is_assumed) as is_assumed
        from ledger_entries where ${inPeriods(tenantId, filter)} group by at, call_id, budget_id, starts_at, currency),
    held as (
      select calls.*, u.id is not null as is_recorded, u.total_tokens,
             calls.currency is not null and u.currency is distinct from calls.currency as is_unknown,
             case when u.state = 'interrupted' and u.source = 'none' then null
                  when calls.currency is null then u.total_tokens
                  when u.currency = calls.currency then u.charge
                  else calls.reserved end as due
        from calls left join usage_events u on u.tenant_id = ${tenantId} and u.created_at = calls.at and u.id = calls.call_id),
    judged as (
      select held.*, reserved <> coalesce(settled, 0) + released as is_unbalanced, is_recorded and due is distinct from settled as is_other,
             is_recorded and tokens <> total_tokens as has_other_tokens,
             is_recorded and settled is not null and is_assumed <> is_unknown as is_misjudged
        from held),
    faults as (
      select found.what, budget_id, starts_at, call_id, found.expected, found.found
        from judged, lateral (values
          ('unbalanced', reserved, coalesce(settled, 0) + released, is_unbalanced),
          ('unrecorded', null, settled, not is_recorded),
          ('amount', due, settled, is_other),
          ('tokens', total_tokens, tokens, has_other_tokens),
          ('assumed', due, settled, is_misjudged)
        ) as found (what, expected, found, is_fault)
       where found.is_fault and (is_unbalanced or not is_recorded or is_other or has_other_tokens or is_misjudged))
    select (select count(*)::float8 from (select from calls group by at, call_id) one) as calls, (select count(*)::float8 from faults) as faults,
           (select json_agg(json_build_object('what', what, 'budgetId', budget_id, 'startsAtMs', extract(epoch from starts_at) * 1000,
                                              'callId', call_id, 'sliceId', null, 'expected', expected, 'found', found))
              from (select * from faults limit ${limit}) first) as shown`;
}
