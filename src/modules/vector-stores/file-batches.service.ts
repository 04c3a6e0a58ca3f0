import { Injectable } from '@nestjs/common';
import type { CreateFileBatchRequest, ListStoreFilesQuery } from '../../contracts/vector-store-files.js';
import type { RowPage } from '../../contracts/lists.js';
import { AppError } from '../../kernel/app-error.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import type { RecordingOf } from '../idempotency/recording.js';
import type { AttachmentRecord, NewAttachment } from './attachment-record.js';
import { Attachments } from './attachments.js';
import { AttachmentsRepository } from './attachments.repository.js';
import { chunkingOf } from './chunking.js';
import { FileBatchesRepository, type FileBatchRecord } from './file-batches.repository.js';
import { noStore } from './no-store.js';
import type { StoreReader } from './store-record.js';
import { VectorStoresRepository } from './vector-stores.repository.js';

/** A batch of a store, as a path names it. */
export interface FileBatchPlace {
  readonly storeId: string;
  readonly batchId: string;
}

/** Attaches many files with one call, and tells how far they are. Datasets have none. */
@Injectable()
export class FileBatchesService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly stores: VectorStoresRepository,
    private readonly batches: FileBatchesRepository,
    private readonly files: AttachmentsRepository,
    private readonly attachments: Attachments,
  ) {}

  /** All files or none. @throws AppError not_found for the store or a file, invalid_value for an expired store, insufficient_quota. */
  async create(
    { tenantId, keyId, files }: StoreReader,
    storeId: string,
    input: CreateFileBatchRequest,
    recordingOf: RecordingOf<FileBatchRecord>,
  ): Promise<FileBatchRecord> {
    const { made, waiting } = await this.database.run(tenantId, async (tx) => {
      await this.attachments.holdIn(tx, tenantId, storeId);
      const batchId = await this.batches.insert(tx, tenantId, storeId);
      const waiting = await this.attachments.attachIn(tx, { tenantId, storeId, keyId, rights: files, batchId }, filesOf(input));
      const made = await this.findIn(tx, tenantId, { storeId, batchId });
      await recordingOf(made)(tx);
      return { made, waiting };
    });
    await this.attachments.enqueue(tenantId, waiting);
    return made;
  }

  /** @throws AppError not_found. */
  async get({ tenantId }: StoreReader, place: FileBatchPlace): Promise<FileBatchRecord> {
    return this.database.run(tenantId, (tx) => this.findIn(tx, tenantId, place));
  }

  /** Ends those of its files that have not come to an end; the others stay. @throws AppError not_found. */
  async cancel(
    { tenantId }: StoreReader,
    place: FileBatchPlace,
    recordingOf: RecordingOf<FileBatchRecord>,
  ): Promise<FileBatchRecord> {
    const { storeId, batchId } = place;
    return this.database.run(tenantId, async (tx) => {
      if (!(await this.stores.lock(tx, tenantId, storeId))) throw noStore();
      const { counts } = await this.findIn(tx, tenantId, place);
      if (counts.in_progress > 0) {
        await this.batches.markCancelled(tx, tenantId, batchId);
        await this.files.cancel(tx, tenantId, storeId, batchId);
      }
      const cancelled = await this.findIn(tx, tenantId, place);
      await recordingOf(cancelled)(tx);
      return cancelled;
    });
  }

  /** @throws AppError not_found. */
  async listFiles(
    { tenantId }: StoreReader,
    place: FileBatchPlace,
    { filter: status, ...page }: ListStoreFilesQuery,
  ): Promise<RowPage<AttachmentRecord>> {
    const { storeId, batchId } = place;
    return this.database.run(tenantId, async (tx) => {
      await this.findIn(tx, tenantId, place);
      return this.files.list(tx, tenantId, storeId, { status, batchId }, page);
    });
  }

  private async findIn(tx: Transaction, tenantId: string, { storeId, batchId }: FileBatchPlace): Promise<FileBatchRecord> {
    if (!(await this.stores.exists(tx, tenantId, storeId))) throw noStore();
    const found = await this.batches.find(tx, tenantId, storeId, batchId);
    if (found === null) throw new AppError('not_found', { param: 'batch_id', message: 'No such file batch.' });
    return found;
  }
}

function filesOf(input: CreateFileBatchRequest): NewAttachment[] {
  const chunking = chunkingOf(input.chunking_strategy);
  const attributes = input.attributes ?? undefined;
  const named = (input.file_ids ?? []).map((fileId, at) => ({ fileId, param: `file_ids[${at}]`, attributes, chunking }));
  const given = (input.files ?? []).map((file, at) => ({
    fileId: file.file_id,
    param: `files[${at}].file_id`,
    attributes: file.attributes ?? undefined,
    chunking: chunkingOf(file.chunking_strategy),
  }));
  return [...named, ...given];
}
