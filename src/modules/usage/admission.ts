import { Injectable } from '@nestjs/common';
import { CallJournal } from '../../platform/journal/call-journal.js';
import type { CallEnd, CallStart } from '../../platform/journal/call-record.js';

/** The right to call a provider once. Whoever holds it must settle it, however the call ends. */
export class Ticket {
  constructor(
    private readonly journal: CallJournal,
    private readonly callId: string,
  ) {}

  /**
   * Says how the call ended; of several, the first counts. `settled` is called, never before this has
   * returned, when a kill -9 can no longer undo the record: the last byte of the reply is sent then.
   */
  settle(result: CallEnd, settled: () => void): void {
    this.journal.end(this.callId, result, settled);
  }
}

/**
 * The one seam on every path to a provider: nothing is sent to one without a ticket, and every ticket ends in exactly
 * one usage record. Limits and budgets will live behind `admit`.
 */
@Injectable()
export class Admission {
  constructor(private readonly journal: CallJournal) {}

  /**
   * Lets a call through: `admitted` is called, never before this has returned, when the call is recorded so
   * that a kill -9 leaves it as `interrupted`. Only then may the provider be called.
   * @throws AppError when the call may not be made: nothing does so yet.
   */
  admit(call: CallStart, admitted: (ticket: Ticket) => void): void {
    const ticket = new Ticket(this.journal, call.id);
    this.journal.begin(call, () => admitted(ticket));
  }
}
