import type { LedgerCheckObject, LedgerEntryObject } from '../../contracts/ledger.js';
import { toUnixSeconds } from '../../contracts/times.js';
import type { LedgerCheck, LedgerSums } from '../../modules/ledger/ledger-check.js';
import { entryId, type LedgerEntryRecord } from '../../modules/ledger/ledger-entry.js';

/** What became of what a budget held for a call. */
export function presentLedgerEntry(entry: LedgerEntryRecord): LedgerEntryObject {
  return {
    object: 'ledger_entry',
    id: entryId(entry),
    call: entry.callId,
    budget: entry.budgetId,
    starts_at: toUnixSeconds(entry.startsAt),
    kind: entry.kind,
    part: entry.part,
    amount: entry.amount,
    currency: entry.currency,
    tokens: entry.tokens,
    assumed: entry.isAssumed,
    created_at: toUnixSeconds(entry.at),
  };
}

/** What the ledger of the tenant with this slug was found to be. */
export function presentLedgerCheck(tenant: string, check: LedgerCheck): LedgerCheckObject {
  return {
    object: 'ledger_check',
    ok: check.faultCount === 0,
    tenant,
    calls: check.calls,
    entries: check.entries,
    totals: check.totals.map(({ currency, ...sums }) => ({ currency, ...sumsOf(sums) })),
    budgets: check.periods.map((period) => ({
      budget: period.budgetId,
      deleted: period.isDeleted,
      starts_at: seconds(period.startsAtMs),
      ends_at: period.endsAtMs === null ? null : seconds(period.endsAtMs),
      currency: period.currency,
      amount: period.amount,
      ...sumsOf(period),
      beyond: period.beyond,
      overdrawn: period.amount === null ? 0 : Math.max(0, period.spent + period.open - period.amount),
    })),
    period_count: check.periodCount,
    faults: check.faults.map(({ what, budgetId, startsAtMs, callId, sliceId, expected, found }) => ({
      ...{ what, budget: budgetId, starts_at: seconds(startsAtMs), call: callId, slice: sliceId, expected, found },
    })),
    fault_count: check.faultCount,
  };
}

function sumsOf({ reserved, settled, released, open, assumed, spent }: LedgerSums): LedgerSums {
  return { reserved, settled, released, open, assumed, spent };
}

function seconds(timeMs: number): number {
  return Math.floor(timeMs / 1000);
}
