import { Injectable } from '@nestjs/common';
import type { CheckLedgerQuery, ListLedgerQuery } from '../../contracts/ledger.js';
import type { RowPage } from '../../contracts/lists.js';
import { LedgerCheckRepository } from './ledger-check.repository.js';
import type { LedgerCheck } from './ledger-check.js';
import { LedgerEntriesRepository } from './ledger-entries.repository.js';
import type { LedgerEntryRecord } from './ledger-entry.js';

/** What budgets held for a tenant's calls, and what became of it. */
@Injectable()
export class LedgerService {
  constructor(
    private readonly entries: LedgerEntriesRepository,
    private readonly checks: LedgerCheckRepository,
  ) {}

  /** @throws AppError invalid_value for a cursor that is no entry. */
  list(tenantId: string, query: ListLedgerQuery): Promise<RowPage<LedgerEntryRecord>> {
    return this.entries.list(tenantId, query);
  }

  /** Whether all that is counted of the tenant's calls agrees, at one moment. */
  check(tenantId: string, { budget: budgetId, since, until }: CheckLedgerQuery): Promise<LedgerCheck> {
    return this.checks.check(tenantId, { budgetId, sinceMs: milliseconds(since), untilMs: milliseconds(until) });
  }
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}
