import { Injectable } from '@nestjs/common';
import { AppError } from '../../kernel/app-error.js';
import { LimitStore } from '../../platform/limits/limit-store.js';
import { QueueService } from '../../platform/queue/queue.service.js';
import { objectPrefix } from '../../platform/storage/object-key.js';
import { ObjectStore } from '../../platform/storage/object-store.js';
import { anchorPrefix } from '../audit-chain/anchor.js';
import { StorageClaim } from '../files/intake/storage-claim.js';

/** What is kept of a tenant outside of its rows: objects of the storage, jobs of the queue, what is left of its limits. */
@Injectable()
export class TenantLeftovers {
  constructor(
    private readonly store: ObjectStore,
    private readonly claim: StorageClaim,
    private readonly queue: QueueService,
    private readonly limits: LimitStore,
  ) {}

  /** Removes all of it. @throws AppError conflict where the objects are another database's; Error when storage, queue or store are away. */
  async remove(tenantId: string): Promise<void> {
    if (!(await this.claim.isOurs())) {
      throw new AppError('conflict', {
        message: "The storage's objects are claimed by another database: see the log, and gt storage adopt.",
      });
    }
    for (const prefix of await this.prefixes(tenantId)) await this.store.deletePrefix(prefix);
    await this.queue.forget(tenantId);
    await this.limits.forget(`${tenantId}/`);
  }

  /** How many objects there are of it. */
  async objects(tenantId: string): Promise<number> {
    let count = 0;
    for (const prefix of await this.prefixes(tenantId)) for await (const _object of this.store.list(prefix)) count += 1;
    return count;
  }

  /** How many jobs there are, after those that could be removed were. */
  async jobs(tenantId: string): Promise<number> {
    return this.queue.forget(tenantId);
  }

  /** Of the contents of its files, of its anchors, and of contents of the first releases. */
  private async prefixes(tenantId: string): Promise<readonly string[]> {
    const installation = await this.claim.id();
    return [objectPrefix(installation, tenantId), anchorPrefix(installation, { tenantId }), `${tenantId}/`];
  }
}
