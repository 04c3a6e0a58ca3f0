import { Module } from '@nestjs/common';
import { LedgerCheckRepository } from './ledger-check.repository.js';
import { LedgerEntriesRepository } from './ledger-entries.repository.js';
import { LedgerService } from './ledger.service.js';

/**
 * The ledger of budgets, for those who look at it: its entries, and the proof that they agree with the sums of periods and with
 * usage. It is written by `gt_ledger_book`, in the transaction that writes usage.
 */
@Module({
  providers: [LedgerCheckRepository, LedgerEntriesRepository, LedgerService],
  exports: [LedgerService],
})
export class LedgerModule {}
