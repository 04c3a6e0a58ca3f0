import { Injectable } from '@nestjs/common';
import { missingScopes } from '../../catalog/decide.js';
import { AppError } from '../../kernel/app-error.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import { FileJobs } from '../files/ingestion/file-jobs.js';
import type { WaitingFile } from '../files/record/file-record.js';
import { KeyTouches } from '../usage/key-touches.js';
import type { NewAttachment } from './attachment-record.js';
import { AttachmentsRepository, type AttachTo } from './attachments.repository.js';
import { hasExpired, noStore } from './no-store.js';
import { fileScopes, isExpired } from './store-record.js';
import { VectorStoresRepository } from './vector-stores.repository.js';

/** What one request does at once; the sweep does the rest. */
const enqueuedAtOnce = 500;
const mostFiles = 10_000;

/** Gives files to a store, and queues what is to be read. */
@Injectable()
export class Attachments {
  constructor(
    private readonly database: TenantDatabase,
    private readonly stores: VectorStoresRepository,
    private readonly repository: AttachmentsRepository,
    private readonly jobs: FileJobs,
    private readonly touches: KeyTouches,
  ) {}

  /**
   * Holds a store of the tenant's own until the transaction ends, and says that it is used.
   * @throws AppError not_found, also for a dataset; invalid_value for a store that has expired.
   */
  async holdIn(tx: Transaction, tenantId: string, storeId: string): Promise<void> {
    if (!(await this.stores.lock(tx, tenantId, storeId))) throw noStore();
    const vectorStore = await tx.vectorStore.findUnique({ where: { tenantId_id: { tenantId, id: storeId } } });
    if (isExpired({ vectorStore })) throw hasExpired();
    await this.stores.touch(tx, tenantId, [storeId]);
  }

  /**
   * Attaches these files within the caller's transaction, which holds the store. A file that is named twice is attached once,
   * as it is named last.
   * @returns what is to be queued after the commit.
   * @throws AppError insufficient_scope for a key that may name no files; not_found for a file that is no file of POST /files of
   * the tenant; insufficient_quota for too many.
   */
  async attachIn(tx: Transaction, to: AttachTo, files: readonly NewAttachment[]): Promise<WaitingFile[]> {
    if (files.length === 0) return [];
    const { tenantId, storeId, rights } = to;
    // Whatever the files are: so it tells nothing of them.
    if (rights === 'no_scope')
      throw new AppError('insufficient_scope', { param: files[0]?.param ?? null, message: missingScopes(fileScopes) });
    const each = [...new Map(files.map((file) => [file.fileId, file])).values()];
    const ids = rights === 'named' ? each.map(({ fileId }) => fileId) : [];
    const known = await this.repository.holdFiles(tx, tenantId, ids);
    const unknown = each.find(({ fileId }) => !known.has(fileId));
    if (unknown !== undefined) throw new AppError('not_found', { param: unknown.param, message: 'No such file.' });
    this.touches.rely({ id: to.keyId, tenantId }, [fileScopes]);
    const waiting = await this.repository.attach(tx, to, each);
    if ((await this.repository.count(tx, tenantId, storeId)) > mostFiles) throw tooMany();
    return waiting;
  }

  /** Queues what waits, as many as one call should. */
  async enqueue(tenantId: string, waiting: readonly WaitingFile[]): Promise<void> {
    if (waiting.length === 0) return;
    const unfinished = await this.database.run(tenantId, (tx) => this.repository.countUnfinished(tx, tenantId));
    for (const file of waiting.slice(0, enqueuedAtOnce)) if (!(await this.jobs.enqueue(file, unfinished))) return;
  }
}

function tooMany(): AppError {
  return new AppError('insufficient_quota', { message: `A vector store may have at most ${mostFiles} files.` });
}
