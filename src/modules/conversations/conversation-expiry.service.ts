import { Injectable } from '@nestjs/common';
import { ConversationExpiryRepository } from './conversation-expiry.repository.js';

const batchSize = 200;

/** Removes conversations, with their items and files, that were not touched for longer than their tenant keeps them. */
@Injectable()
export class ConversationExpiryService {
  constructor(private readonly repository: ConversationExpiryRepository) {}

  /**
   * Works in batches, a batch of each tenant in turn, until nothing is left or the signal fires; a later run goes on.
   * Several runs at once do no harm.
   * @returns how many conversations were removed.
   * @throws Error of the database.
   */
  async expire(signal: AbortSignal): Promise<number> {
    let removed = 0;
    let open = await this.repository.retentions();
    while (open.length > 0) {
      const unfinished = [];
      for (const retention of open) {
        if (signal.aborted) return removed;
        const count = await this.repository.deleteUntouched(retention, batchSize);
        removed += count;
        if (count === batchSize) unfinished.push(retention);
      }
      open = unfinished;
    }
    return removed;
  }
}
