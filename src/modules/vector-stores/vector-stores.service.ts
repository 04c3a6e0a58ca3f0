import { Injectable } from '@nestjs/common';
import type { CreateVectorStoreRequest, UpdateVectorStoreRequest } from '../../contracts/vector-stores.js';
import type { ListQuery, RowPage } from '../../contracts/lists.js';
import { AppError } from '../../kernel/app-error.js';
import { newId } from '../../kernel/ids.js';
import { writing } from '../../platform/database/prisma-errors.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import type { RecordingOf } from '../idempotency/recording.js';
import { Attachments } from './attachments.js';
import { AttachmentsRepository } from './attachments.repository.js';
import { chunkingOf } from './chunking.js';
import { hasExpired, noStore } from './no-store.js';
import { StoreEmbedding } from './store-embedding.js';
import { isExpired, type StoreReader, type StoreRecord, type StoreRow } from './store-record.js';
import { VectorStoresRepository } from './vector-stores.repository.js';

/** A tenant's stores; those that are expired or being deleted too, until they are gone. */
const mostStores = 10_000;

/** Vector stores as keys work with them. They belong to the tenant; datasets are shown among them and not changed here. */
@Injectable()
export class VectorStoresService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly stores: VectorStoresRepository,
    private readonly files: AttachmentsRepository,
    private readonly attachments: Attachments,
    private readonly embedding: StoreEmbedding,
  ) {}

  /** @throws AppError invalid_request without an embedding model, not_found for an unknown file, insufficient_quota. */
  async create(
    reader: StoreReader,
    input: CreateVectorStoreRequest,
    recordingOf: RecordingOf<StoreRecord>,
  ): Promise<StoreRecord> {
    const { tenantId, keyId, files: rights } = reader;
    const choice = await this.embedding.choose(tenantId);
    const chunking = chunkingOf(input.chunking_strategy);
    const files = (input.file_ids ?? []).map((fileId, at) => ({ fileId, param: `file_ids[${at}]`, chunking }));
    const id = newId('vectorStore');
    const { made, waiting } = await writing('vector store', () =>
      this.database.run(tenantId, async (tx) => {
        if ((await this.stores.count(tx, tenantId)) >= mostStores) throw tooMany();
        await this.stores.insert(tx, tenantId, id, {
          name: input.name ?? '',
          description: input.description ?? null,
          metadata: input.metadata ?? {},
          expiresDays: input.expires_after?.days ?? null,
          ...choice,
        });
        const waiting = await this.attachments.attachIn(tx, { tenantId, storeId: id, keyId, rights, batchId: null }, files);
        const made = await this.recordIn(tx, reader, id);
        await recordingOf(made)(tx);
        return { made, waiting };
      }),
    );
    await this.attachments.enqueue(tenantId, waiting);
    return made;
  }

  async list(reader: StoreReader, query: ListQuery): Promise<RowPage<StoreRecord>> {
    return this.database.run(reader.tenantId, async (tx) => {
      const { rows, hasMore } = await this.stores.list(tx, reader, query);
      return { rows: await this.stores.withCounts(tx, reader.tenantId, rows), hasMore };
    });
  }

  /** @throws AppError not_found. */
  async get(reader: StoreReader, id: string): Promise<StoreRecord> {
    return this.database.run(reader.tenantId, (tx) => this.recordIn(tx, reader, id));
  }

  /** @throws AppError not_found, also for a dataset; invalid_value for another expiry of a store that has expired. */
  async update(
    reader: StoreReader,
    id: string,
    { name, metadata, expires_after: expires }: UpdateVectorStoreRequest,
    recordingOf: RecordingOf<StoreRecord>,
  ): Promise<StoreRecord> {
    const { tenantId } = reader;
    return this.database.run(tenantId, async (tx) => {
      if (!(await this.stores.lock(tx, tenantId, id))) throw noStore();
      if (expires !== undefined && isExpired(await this.findIn(tx, reader, id))) throw hasExpired('expires_after');
      await this.stores.update(tx, tenantId, id, {
        ...(name === undefined ? {} : { name: name ?? '' }),
        ...(metadata === undefined ? {} : { metadata: metadata ?? {} }),
        ...(expires === undefined ? {} : { expiresDays: expires?.days ?? null }),
      });
      const updated = await this.recordIn(tx, reader, id);
      await recordingOf(updated)(tx);
      return updated;
    });
  }

  /** Deletes a store. Its files stay; its passages are found no more from the commit on. @throws AppError not_found, also for a dataset. */
  async delete({ tenantId }: StoreReader, id: string): Promise<void> {
    await this.database.run(tenantId, async (tx) => {
      if (!(await this.stores.lock(tx, tenantId, id))) throw noStore();
      await this.stores.markDeleting(tx, tenantId, id);
      await this.files.cancel(tx, tenantId, id);
    });
  }

  private async recordIn(tx: Transaction, reader: StoreReader, id: string): Promise<StoreRecord> {
    const [record] = await this.stores.withCounts(tx, reader.tenantId, [await this.findIn(tx, reader, id)]);
    if (record === undefined) throw noStore();
    return record;
  }

  private async findIn(tx: Transaction, reader: StoreReader, id: string): Promise<StoreRow> {
    const [row] = await this.stores.findAll(tx, reader, [id]);
    if (row === undefined) throw noStore();
    return row;
  }
}

function tooMany(): AppError {
  return new AppError('insufficient_quota', { message: `A tenant may have at most ${mostStores} vector stores. Delete some.` });
}
