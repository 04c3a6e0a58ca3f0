import { Injectable } from '@nestjs/common';
import { newId } from '../../../kernel/ids.js';
import { TenantDatabase } from '../../../platform/database/tenant-database.js';
import { objectKey } from '../../../platform/storage/object-key.js';
import type { RecordingOf } from '../../idempotency/recording.js';
import { FileJobs } from '../ingestion/file-jobs.js';
import { isHeldBack, isTerminal, type FileRecord } from '../record/file-record.js';
import type { Acceptance, ArrivedContent } from './acceptance.js';
import { FileContents } from './file-contents.js';
import { FileRows } from './file-rows.js';
import { StorageClaim } from './storage-claim.js';
import { UploadLimits, type Uploader } from './upload-limits.js';

/**
 * Takes files in. First the content is safe in the store, then the row says so, then the job is queued: a crash between
 * two of them leaves a content without a row or a row without a job, and the sweeps mend both.
 */
@Injectable()
export class FileIntake {
  constructor(
    private readonly database: TenantDatabase,
    private readonly rows: FileRows,
    private readonly limits: UploadLimits,
    private readonly contents: FileContents,
    private readonly jobs: FileJobs,
    private readonly claim: StorageClaim,
  ) {}

  /** A place for a content that is about to arrive. */
  begin(): ReturnType<FileContents['begin']> {
    return this.contents.begin();
  }

  /** Asks for room before anything is received; a part is no upload of its own. @throws AppError rate_limit_exceeded, insufficient_quota. */
  async refuseWithoutRoom(uploader: Uploader, bytes: number, isPart = false): Promise<void> {
    await this.database.run(uploader.tenantId, (tx) =>
      isPart ? this.limits.checkRoom(tx, uploader, bytes) : this.limits.check(tx, uploader, bytes),
    );
  }

  /**
   * Accepts a content: afterwards it is stored, listed and queued where something is to be made of it, and no crash can lose
   * it. However it ends, the content's writer is done with.
   * @throws AppError rate_limit_exceeded, insufficient_quota, overloaded; not_found when its dataset or conversation is
   * gone meanwhile.
   */
  async accept(acceptance: Acceptance, content: ArrivedContent, recordingOf: RecordingOf<FileRecord>): Promise<FileRecord> {
    const id = newId('file');
    const key = await this.keyOf(acceptance.tenantId, id, content);
    await this.contents.keep(content.writer, key);
    const { file, unfinished } = await this.rows.write({ id, storageKey: key, acceptance, content, recordingOf });
    if (file.id !== id) await this.contents.drop(key);
    // Nobody waits for the queue: the row is there, and a sweep finds what gets no job.
    else if (!isTerminal(file.state) && !isHeldBack(file)) void this.jobs.enqueue(file, unfinished).catch(() => undefined);
    return file;
  }

  private async keyOf(tenantId: string, id: string, { writer }: ArrivedContent): Promise<string> {
    try {
      return objectKey(await this.claim.id(), tenantId, id);
    } catch (error) {
      await writer.abort();
      throw error;
    }
  }
}
