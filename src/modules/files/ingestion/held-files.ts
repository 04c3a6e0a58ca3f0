import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { TenantDatabase } from '../../../platform/database/tenant-database.js';
import { mostQueued } from '../record/file-row.js';
import { FileJobs } from './file-jobs.js';
import { HeldFilesRepository } from './held-files.repository.js';

/** How long ends of a tenant's files are gathered before its queue is looked at. */
const gatherMs = 200;

/**
 * Puts files that were held back into the queue as their tenant's others come to an end. So a tenant has no more than some
 * hundred jobs in the queue, however many of its files wait. What a dying worker leaves, the sweep goes on with.
 */
@Injectable()
export class HeldFiles implements OnApplicationShutdown {
  private readonly looks = new Map<string, NodeJS.Timeout>();

  constructor(
    private readonly database: TenantDatabase,
    private readonly held: HeldFilesRepository,
    private readonly jobs: FileJobs,
  ) {}

  /** Says that a run of one of the tenant's files is over. */
  ended(tenantId: string): void {
    if (this.looks.has(tenantId)) return;
    const look = (): void => {
      this.looks.delete(tenantId);
      // The sweep looks again.
      void this.queueNext(tenantId).catch(() => undefined);
    };
    this.looks.set(tenantId, setTimeout(look, gatherMs).unref());
  }

  /** Queues the next ones of a tenant that has few in the queue. @throws DatabaseAwayError. */
  async queueNext(tenantId: string): Promise<void> {
    const files = await this.database.runPlain(tenantId, (tx) => this.held.next(tx, tenantId));
    for (const file of files) if (!(await this.jobs.enqueue(file, mostQueued))) return;
    const ids = files.map(({ id }) => id);
    if (ids.length > 0) await this.database.runPlain(tenantId, (tx) => this.held.markQueued(tx, tenantId, ids));
  }

  onApplicationShutdown(): void {
    for (const look of this.looks.values()) clearTimeout(look);
    this.looks.clear();
  }
}
