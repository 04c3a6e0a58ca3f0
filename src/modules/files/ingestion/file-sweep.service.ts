import { Injectable } from '@nestjs/common';
import { FileJobs } from './file-jobs.js';
import { HeldFiles } from './held-files.js';
import { FileSweepRepository, type QueueState } from './file-sweep.repository.js';

const leftBatch = 1_000;

/** Mends what a crash left of files: rows without a job. */
@Injectable()
export class FileSweepService {
  constructor(
    private readonly repository: FileSweepRepository,
    private readonly jobs: FileJobs,
    private readonly held: HeldFiles,
  ) {}

  /**
   * Queues files that have no job: of a crash between row and job, of a dead worker, of a queue that was emptied. After an
   * absence of the queue every file that waits is one. Tenants whose queue has run short get the next of their files that
   * are held back.
   */
  async enqueueLeft(signal: AbortSignal, { afterAbsence = false } = {}): Promise<number> {
    const files = await this.repository.findLeft(leftBatch, afterAbsence);
    for (const file of files) {
      if (signal.aborted || !(await this.jobs.enqueue(file, file.unfinished))) return 0;
    }
    if (files.length > 0) await this.repository.markQueued(files);
    for (const tenantId of await this.repository.findHolders()) {
      if (signal.aborted) break;
      await this.held.queueNext(tenantId);
    }
    return files.length;
  }

  /** The work that waits now, for operators. */
  async queueState(): Promise<QueueState> {
    return this.repository.queueState();
  }
}
