import { Injectable } from '@nestjs/common';
import { CallJournal } from '../../../platform/journal/call-journal.js';
import type { CallStart } from '../../../platform/journal/call-record.js';
import { Entry } from './entry.js';
import { Ticket } from './ticket.js';

/** Whoever wants to do something: a key of a tenant. */
export interface Caller {
  readonly tenantId: string;
  readonly keyId: string;
}

/**
 * The three gates on every path to a provider: a client's call, a turn, the embedding of a file or of a question, and
 * whatever else will call one. `enter` is for what can be judged by the caller alone (requests, and how many run at once): a
 * client's request passes it when its headers are judged, before its body is read. `reserve` is for what can be judged when
 * the call is known (tokens and money). The ticket's `settle` tells what the call really took. Nothing is sent to a provider
 * without a ticket, and every ticket ends in exactly one usage record.
 */
@Injectable()
export class Gates {
  private readonly running = new Map<string, number>();

  constructor(private readonly journal: CallJournal) {}

  /** Lets a caller in, at once. @throws AppError rate_limit_exceeded when it may not: nothing is limited yet. */
  enter({ keyId }: Caller): Entry {
    return new Entry(this.running, keyId);
  }

  /** How many places the key holds in this process. */
  runningOf(keyId: string): number {
    return this.running.get(keyId) ?? 0;
  }

  /**
   * Lets a call through: `reserved` is called, never before this has returned, when the call is recorded so that a kill -9
   * leaves it as `interrupted`. Only then may the provider be called. A limit that lives in a store will make this wait;
   * where nothing is limited nothing is waited for but the journal.
   * @throws AppError when the call may not be made: nothing does so yet.
   */
  reserve(_entry: Entry, call: CallStart, reserved: (ticket: Ticket) => void): void {
    const ticket = new Ticket(this.journal, call.id);
    this.journal.begin(call, () => reserved(ticket));
  }
}
