import { Injectable } from '@nestjs/common';
import { parsePlaced } from '../../../platform/storage/object-key.js';
import { ObjectStore } from '../../../platform/storage/object-store.js';
import { WorkCopies } from '../ingestion/work-copies.js';
import { OrphanContentsRepository } from './orphan-contents.repository.js';
import { StorageClaim } from './storage-claim.js';

const orphanBatch = 500;
/** An upload's content is older than its row; no upload takes this long between the two. */
const orphanAgeMs = 60 * 60 * 1000;

interface StoredContent {
  readonly tenantId: string;
  /** Of the file. */
  readonly id: string;
  readonly key: string;
}

/** Mends what a crash left of contents: those without a row. */
@Injectable()
export class OrphanContents {
  constructor(
    private readonly repository: OrphanContentsRepository,
    private readonly store: ObjectStore,
    private readonly copies: WorkCopies,
    private readonly claim: StorageClaim,
  ) {}

  /**
   * Removes contents that no row knows: of uploads that broke off, of files that were deleted with their dataset. Only what
   * is under this installation's id, and only while it is this database's.
   */
  async removeOrphans(signal: AbortSignal): Promise<number> {
    if (!(await this.claim.isOurs())) return 0;
    const installation = await this.claim.id();
    await this.store.sweep(installation);
    let removed = 0;
    let batch: StoredContent[] = [];
    for await (const { key, modifiedAtMs } of this.store.list(installation)) {
      if (signal.aborted) return removed;
      const file = parsePlaced(key);
      if (file === undefined || Date.now() - modifiedAtMs < orphanAgeMs) continue;
      batch.push({ tenantId: file.tenantId, id: file.fileId, key });
      if (batch.length < orphanBatch) continue;
      removed += await this.removeUnknown(batch);
      batch = [];
    }
    await this.copies.sweep();
    return removed + (await this.removeUnknown(batch));
  }

  private async removeUnknown(objects: readonly StoredContent[]): Promise<number> {
    if (objects.length === 0) return 0;
    const known = await this.repository.existing(objects);
    const unknown = objects.filter(({ key }) => !known.has(key));
    for (const { key } of unknown) await this.store.delete(key);
    return unknown.length;
  }
}
