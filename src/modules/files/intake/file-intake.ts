import { Injectable } from '@nestjs/common';
import { AppError } from '../../../kernel/app-error.js';
import { newId } from '../../../kernel/ids.js';
import { translateMissingReference } from '../../../platform/database/prisma-errors.js';
import { TenantDatabase, type Transaction } from '../../../platform/database/tenant-database.js';
import { objectKey } from '../../../platform/storage/object-key.js';
import type { RecordingOf } from '../../idempotency/recording.js';
import { holdKey } from '../../keys/key-hold.js';
import { FileContents } from './file-contents.js';
import { FileJobs } from '../ingestion/file-jobs.js';
import { isTerminal, type FileRecord } from '../record/file-record.js';
import { FilesRepository, type FileOwner, type FileValues } from '../record/files.repository.js';
import { isJudged, lastingFor, readyAtOnce } from '../record/tenant-file.js';
import { StorageClaim } from './storage-claim.js';
import { UploadLimits, type Uploader } from './upload-limits.js';

/** A content that has arrived whole and waits for its row. */
export interface ArrivedContent {
  readonly filename: string;
  /** As its bytes say (platform/documents/media-types). */
  readonly mediaType: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly writer: { commit(key: string): Promise<void>; abort(): Promise<void> };
}

/** Where a content goes and on whose account. */
export interface Acceptance extends Uploader {
  /** Known beforehand, or found or made in the transaction that writes the file's row: what is refused leaves nothing. */
  readonly owner: FileOwner | ((tx: Transaction) => Promise<FileOwner>);
  /** The dataset's; 1 for all others. */
  readonly generation: number;
  /** The client says that it sends the same once more: what it sent is then looked for first. */
  readonly isRetry: boolean;
  /** Of a file of the tenant: for how long it is kept. Default: for good. */
  readonly keptSeconds?: number | undefined;
}

/** An acceptance whose place is known. */
interface PlacedAcceptance extends Acceptance {
  readonly owner: FileOwner;
}

/**
 * Takes files in. First the content is safe in the store, then the row says so, then the job is queued: a crash between
 * two of them leaves a content without a row or a row without a job, and the sweeps mend both.
 */
@Injectable()
export class FileIntake {
  constructor(
    private readonly database: TenantDatabase,
    private readonly files: FilesRepository,
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
    const { file, unfinished } = await this.insert(id, key, acceptance, content, recordingOf);
    if (file.id !== id) await this.contents.drop(key);
    else if (!isTerminal(file.state)) await this.jobs.enqueue(file, unfinished);
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

  private async insert(
    id: string,
    key: string,
    acceptance: Acceptance,
    content: ArrivedContent,
    recordingOf: RecordingOf<FileRecord>,
  ): Promise<{ file: FileRecord; unfinished: number }> {
    let isDecided = false;
    try {
      return await this.database.run(acceptance.tenantId, async (tx) => {
        const { owner } = acceptance;
        const place = typeof owner === 'function' ? await owner(tx) : owner;
        const decided = await this.decide(tx, id, key, { ...acceptance, owner: place }, content);
        await recordingOf(decided.file)(tx);
        isDecided = true;
        return decided;
      });
    } catch (error) {
      // When only the commit broke off the row may be there all the same: the sweep finds out.
      if (!isDecided) await this.contents.drop(key);
      throw translateMissingReference(error, 'file') === undefined ? error : new AppError('not_found', { cause: error });
    }
  }

  private async decide(
    tx: Transaction,
    id: string,
    key: string,
    acceptance: PlacedAcceptance,
    content: ArrivedContent,
  ): Promise<{ file: FileRecord; unfinished: number }> {
    await holdKey(tx, acceptance.tenantId, acceptance.keyId);
    const known = await this.knownContent(tx, acceptance, content);
    if (known !== null) return { file: known, unfinished: 0 };
    await this.limits.check(tx, acceptance, content.bytes);
    const unfinished = await this.files.countUnfinished(tx, acceptance.tenantId);
    return { file: await this.files.insert(tx, acceptance.tenantId, id, valuesOf(key, acceptance, content)), unfinished };
  }

  /** Of two equal uploads at once the second sees the first: they come one after another. */
  private async knownContent(
    tx: Transaction,
    { tenantId, keyId, owner, isRetry }: PlacedAcceptance,
    { sha256 }: ArrivedContent,
  ): Promise<FileRecord | null> {
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`gt-upload ${keyId} ${sha256}`}, 0))`;
    return isRetry ? this.files.findRecent(tx, tenantId, keyId, sha256, owner) : null;
  }
}

function valuesOf(
  storageKey: string,
  { keyId, owner, generation, keptSeconds }: PlacedAcceptance,
  { filename, mediaType, bytes, sha256 }: ArrivedContent,
): FileValues {
  const values = { filename, mediaType, bytes: BigInt(bytes), sha256, storageKey, keyId, generation };
  if ('kind' in owner) {
    const lasting = lastingFor(keptSeconds);
    return {
      ...values,
      ...owner,
      datasetId: null,
      conversationId: null,
      ...lasting,
      ...(isJudged(owner.purpose) ? {} : readyAtOnce),
    };
  }
  return 'datasetId' in owner
    ? { ...values, kind: 'dataset', purpose: 'assistants', datasetId: owner.datasetId, conversationId: null }
    : { ...values, kind: 'conversation', purpose: 'user_data', datasetId: null, conversationId: owner.conversationId };
}
