import type { CallJournal } from '../../../platform/journal/call-journal.js';
import type { CallEnd } from '../../../platform/journal/call-record.js';

/** The right to call a provider once. Whoever holds it must settle it, however the call ends. */
export class Ticket {
  /** @param used hears once how many tokens the call took in all, and of its input where the provider has told them. */
  constructor(
    private readonly journal: CallJournal,
    private readonly callId: string,
    private used?: (tokens: number, input: number) => void,
  ) {}

  /**
   * The last gate. Says how the call ended; of several, the first counts. `settled` is called, never before this has
   * returned, when a kill -9 can no longer undo the record: the last byte of the reply is sent then.
   */
  settle(result: CallEnd, settled: () => void): void {
    this.used?.(result.totalTokens, result.source === 'upstream' ? result.inputTokens : 0);
    this.used = undefined;
    this.journal.end(this.callId, result, settled);
  }
}
