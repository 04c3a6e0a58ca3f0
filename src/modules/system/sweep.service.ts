import { Injectable } from '@nestjs/common';
import { keptMs } from '../../platform/limits/limit-store.js';
import { idleMs } from '../sessions/session-times.js';
import { SweepRepository } from './sweep.repository.js';

/** Processes that were away for longer than half an hour start anew, so an hour of the feed is enough. */
const feedAgeSeconds = 3600;
const batchSize = 5_000;

/** Keeps tables from growing with what nobody reads any more. */
@Injectable()
export class SweepService {
  constructor(private readonly repository: SweepRepository) {}

  /**
   * Deletes what has expired, until nothing is left or the signal fires; a later run goes on. Several runs at once do
   * no harm.
   * @throws Error of the database.
   */
  async sweep(signal: AbortSignal): Promise<void> {
    await untilEmpty(signal, () => this.repository.deleteChanges(feedAgeSeconds, batchSize));
    await untilEmpty(signal, () => this.repository.deletePassageChanges(feedAgeSeconds, batchSize));
    await untilEmpty(signal, () => this.repository.deleteEndedSecrets(batchSize));
    await untilEmpty(signal, () => this.repository.deleteIdempotentRequests(batchSize));
    await untilEmpty(signal, () => this.repository.deleteResponses(batchSize));
    await untilEmpty(signal, () => this.repository.deleteResponseItems(batchSize));
    await untilEmpty(signal, () => this.repository.deleteKeptThoughts(batchSize));
    await untilEmpty(signal, () => this.repository.deleteConnectionHealth(batchSize));
    await untilEmpty(signal, () => this.repository.deleteUnusedLimits(keptMs, batchSize));
    await untilEmpty(signal, () => this.repository.deleteSessions(idleMs / 1000, batchSize));
    await untilEmpty(signal, () => this.repository.deleteOperatorSessions(idleMs / 1000, batchSize));
    await untilEmpty(signal, () => this.repository.deleteMemberLinks(batchSize));
    await untilEmpty(signal, () => this.repository.deleteSignInTries(batchSize));
    await untilEmpty(signal, () => this.repository.deleteLeakReports(batchSize));
    await this.repository.sweepBudgets();
  }
}

async function untilEmpty(signal: AbortSignal, deleteBatch: () => Promise<number>): Promise<void> {
  while (!signal.aborted && (await deleteBatch()) === batchSize);
}
