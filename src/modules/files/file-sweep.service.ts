import { Injectable } from '@nestjs/common';
import { idPrefixes } from '../../kernel/ids.js';
import { parseKey, type ObjectKey } from '../../platform/storage/object-key.js';
import { ObjectStore } from '../../platform/storage/object-store.js';
import { FileJobs } from './file-jobs.js';
import { FileSweepRepository, type QueueState } from './file-sweep.repository.js';
import { WorkCopies } from './work-copies.js';

const leftBatch = 1_000;
const orphanBatch = 500;
/** An upload's content is older than its row; no upload takes this long between the two. */
const orphanAgeMs = 60 * 60 * 1000;

/** Mends what a crash left of files: rows without a job, contents without a row. */
@Injectable()
export class FileSweepService {
  constructor(
    private readonly repository: FileSweepRepository,
    private readonly jobs: FileJobs,
    private readonly store: ObjectStore,
    private readonly copies: WorkCopies,
  ) {}

  /** Queues files that have no job: of a crash between row and job, of a dead worker, of a queue that was emptied. */
  async enqueueLeft(signal: AbortSignal): Promise<number> {
    const files = await this.repository.findLeft(leftBatch);
    for (const file of files) {
      if (signal.aborted || !(await this.jobs.enqueue(file, file.unfinished))) return 0;
    }
    if (files.length > 0) await this.repository.markQueued(files);
    return files.length;
  }

  /** Removes contents that no row knows: of uploads that broke off, of files that were deleted with their dataset. */
  async removeOrphans(signal: AbortSignal): Promise<number> {
    let removed = 0;
    let batch: (ObjectKey & { readonly key: string })[] = [];
    for await (const { key, modifiedAtMs } of this.store.list('')) {
      if (signal.aborted) return removed;
      const ids = parseKey(key);
      if (ids === undefined || !ids.id.startsWith(idPrefixes.file) || Date.now() - modifiedAtMs < orphanAgeMs) continue;
      batch.push({ ...ids, key });
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

  private async removeUnknown(objects: readonly (ObjectKey & { readonly key: string })[]): Promise<number> {
    if (objects.length === 0) return 0;
    const known = await this.repository.existing(objects);
    const unknown = objects.filter(({ key }) => !known.has(key));
    for (const { key } of unknown) await this.store.delete(key);
    return unknown.length;
  }
}
