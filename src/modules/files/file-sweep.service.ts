import { Injectable } from '@nestjs/common';
import { parsePlaced } from '../../platform/storage/object-key.js';
import { ObjectStore } from '../../platform/storage/object-store.js';
import { FileJobs } from './file-jobs.js';
import { FileSweepRepository, type QueueState } from './file-sweep.repository.js';
import { StorageClaim } from './storage-claim.js';
import { WorkCopies } from './work-copies.js';

const leftBatch = 1_000;
const orphanBatch = 500;
/** An upload's content is older than its row; no upload takes this long between the two. */
const orphanAgeMs = 60 * 60 * 1000;

interface StoredContent {
  readonly tenantId: string;
  /** Of the file. */
  readonly id: string;
  readonly key: string;
}

/** Mends what a crash left of files: rows without a job, contents without a row. */
@Injectable()
export class FileSweepService {
  constructor(
    private readonly repository: FileSweepRepository,
    private readonly jobs: FileJobs,
    private readonly store: ObjectStore,
    private readonly copies: WorkCopies,
    private readonly claim: StorageClaim,
  ) {}

  /**
   * Queues files that have no job: of a crash between row and job, of a dead worker, of a queue that was emptied. After an
   * absence of the queue every file that waits is one.
   */
  async enqueueLeft(signal: AbortSignal, { afterAbsence = false } = {}): Promise<number> {
    const files = await this.repository.findLeft(leftBatch, afterAbsence);
    for (const file of files) {
      if (signal.aborted || !(await this.jobs.enqueue(file, file.unfinished))) return 0;
    }
    if (files.length > 0) await this.repository.markQueued(files);
    return files.length;
  }

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

  /** The work that waits now, for operators. */
  async queueState(): Promise<QueueState> {
    return this.repository.queueState();
  }

  private async removeUnknown(objects: readonly StoredContent[]): Promise<number> {
    if (objects.length === 0) return 0;
    const known = await this.repository.existing(objects);
    const unknown = objects.filter(({ key }) => !known.has(key));
    for (const { key } of unknown) await this.store.delete(key);
    return unknown.length;
  }
}
