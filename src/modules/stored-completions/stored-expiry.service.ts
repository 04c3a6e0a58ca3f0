import { Injectable } from '@nestjs/common';
import { StoredExpiryRepository } from './stored-expiry.repository.js';

const batchSize = 500;

/** Removes what clients asked to store once their tenant's days are over. */
@Injectable()
export class StoredExpiryService {
  constructor(private readonly repository: StoredExpiryRepository) {}

  /**
   * Works in batches until nothing is left or the signal fires; a later run goes on. Several runs at once do no harm.
   * @returns how many were removed.
   * @throws Error of the database.
   */
  async expire(signal: AbortSignal): Promise<number> {
    let removed = 0;
    while (!signal.aborted) {
      const count = await this.repository.deleteExpired(batchSize);
      removed += count;
      if (count < batchSize) break;
    }
    return removed;
  }
}
