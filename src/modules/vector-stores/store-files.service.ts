import { Injectable } from '@nestjs/common';
import type { CreateStoreFileRequest, ListStoreFilesQuery } from '../../contracts/vector-store-files.js';
import type { RowPage } from '../../contracts/lists.js';
import { AppError } from '../../kernel/app-error.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import { IngestionTexts, type TextPage } from '../files/reading/ingestion-texts.js';
import type { RecordingOf } from '../idempotency/recording.js';
import type { AttachmentRecord, Attributes } from './attachment-record.js';
import { Attachments } from './attachments.js';
import { AttachmentsRepository } from './attachments.repository.js';
import { chunkingOf } from './chunking.js';
import { noStore } from './no-store.js';
import type { StoreReader } from './store-record.js';
import { VectorStoresRepository } from './vector-stores.repository.js';

/** So many passages one request removes itself; more are a job's. */
const removedAtOnce = 500;

/** A file in a store, as a path names it. */
export interface StoreFilePlace {
  readonly storeId: string;
  readonly fileId: string;
}

/** The files of a store: attached, seen, given attributes, taken away. The files themselves stay as they are. */
@Injectable()
export class StoreFilesService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly stores: VectorStoresRepository,
    private readonly files: AttachmentsRepository,
    private readonly attachments: Attachments,
    private readonly texts: IngestionTexts,
  ) {}

  /** @throws AppError not_found for the store or the file, invalid_value for an expired store, insufficient_quota. */
  async create(
    { tenantId, keyId, files }: StoreReader,
    storeId: string,
    { file_id: fileId, attributes, chunking_strategy: strategy }: CreateStoreFileRequest,
    recordingOf: RecordingOf<AttachmentRecord>,
  ): Promise<AttachmentRecord> {
    const file = { fileId, param: 'file_id', attributes: attributes ?? undefined, chunking: chunkingOf(strategy) };
    const { made, waiting } = await this.database.run(tenantId, async (tx) => {
      await this.attachments.holdIn(tx, tenantId, storeId);
      const waiting = await this.attachments.attachIn(tx, { tenantId, storeId, keyId, rights: files, batchId: null }, [file]);
      const made = await this.findIn(tx, tenantId, { storeId, fileId });
      await recordingOf(made)(tx);
      return { made, waiting };
    });
    await this.attachments.enqueue(tenantId, waiting);
    return made;
  }

  /** @throws AppError not_found for the store. */
  async list(reader: StoreReader, storeId: string, query: ListStoreFilesQuery): Promise<RowPage<AttachmentRecord>> {
    const { filter: status, ...page } = query;
    return this.database.run(reader.tenantId, async (tx) => {
      await this.seenIn(tx, reader, storeId);
      return this.files.list(tx, reader.tenantId, storeId, { status }, page);
    });
  }

  /** @throws AppError not_found. */
  async get(reader: StoreReader, place: StoreFilePlace): Promise<AttachmentRecord> {
    return this.database.run(reader.tenantId, async (tx) => {
      await this.seenIn(tx, reader, place.storeId);
      return this.findIn(tx, reader.tenantId, place);
    });
  }

  /** A page of the text as it was read, from a passage on. @throws AppError not_found. */
  async content(reader: StoreReader, place: StoreFilePlace, from: number): Promise<TextPage> {
    const { fileId, id, isOwn } = await this.get(reader, place);
    return this.texts.page(reader.tenantId, fileId, isOwn ? '' : id, from);
  }

  /** Replaces the attributes. @throws AppError not_found, also for a dataset. */
  async update(
    { tenantId }: StoreReader,
    place: StoreFilePlace,
    attributes: Attributes,
    recordingOf: RecordingOf<AttachmentRecord>,
  ): Promise<AttachmentRecord> {
    return this.database.run(tenantId, async (tx) => {
      if (!(await this.stores.lock(tx, tenantId, place.storeId))) throw noStore();
      if (!(await this.files.setAttributes(tx, tenantId, place, attributes))) throw noFile();
      const updated = await this.findIn(tx, tenantId, place);
      await recordingOf(updated)(tx);
      return updated;
    });
  }

  /** Takes the file from the store; it is found there no more from the commit on. @throws AppError not_found, also for a dataset. */
  async delete({ tenantId }: StoreReader, { storeId, fileId }: StoreFilePlace): Promise<void> {
    await this.database.run(tenantId, async (tx) => {
      if (!(await this.stores.lock(tx, tenantId, storeId))) throw noStore();
      const left = await this.files.detach(tx, tenantId, storeId, fileId);
      if (left === null) throw noFile();
      if (left.passages <= removedAtOnce) await this.files.remove(tx, tenantId, left.id);
    });
  }

  private async seenIn(tx: Transaction, reader: StoreReader, storeId: string): Promise<void> {
    if ((await this.stores.findAll(tx, reader, [storeId])).length === 0) throw noStore();
  }

  private async findIn(tx: Transaction, tenantId: string, { storeId, fileId }: StoreFilePlace): Promise<AttachmentRecord> {
    const found = await this.files.find(tx, tenantId, storeId, fileId);
    if (found === null) throw noFile();
    return found;
  }
}

function noFile(): AppError {
  return new AppError('not_found', { param: 'file_id', message: 'No such file in this vector store.' });
}
