import { Injectable } from '@nestjs/common';
import { shownFaults, shownPeriods } from '../../contracts/ledger.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { callsSql, type CallsRow } from './ledger-calls-sql.js';
import type { LedgerCheck } from './ledger-check.js';
import type { PeriodFilter } from './ledger-filter.js';
import { sumsSql, type SumsRow } from './ledger-sums-sql.js';

/** A million entries take some seconds. */
const timeoutMs = 120_000;
const most = { periods: shownPeriods, faults: shownFaults };

/** Holds a tenant's ledger against all that is counted from the same calls. */
@Injectable()
export class LedgerCheckRepository {
  constructor(private readonly database: TenantDatabase) {}

  /** Everything is read at one moment: what is written meanwhile is in none of the sums. @throws DatabaseAwayError. */
  check(tenantId: string, filter: PeriodFilter): Promise<LedgerCheck> {
    return this.database.readAtOneMoment(
      tenantId,
      'usage_events',
      async (transaction) => {
        const [sums] = await transaction.$queryRaw<[SumsRow]>`${sumsSql(tenantId, filter, most)}`;
        const [calls] = await transaction.$queryRaw<[CallsRow]>`${callsSql(tenantId, filter, most.faults)}`;
        return {
          calls: calls.calls,
          entries: sums.entries,
          totals: sums.totals ?? [],
          periods: sums.shownPeriods ?? [],
          periodCount: sums.periods,
          faults: [...(sums.shownFaults ?? []), ...(calls.shown ?? [])].slice(0, most.faults),
          faultCount: sums.faults + calls.faults,
        };
      },
      timeoutMs,
    );
  }
}
