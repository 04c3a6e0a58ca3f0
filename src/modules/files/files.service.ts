import { Injectable } from '@nestjs/common';
import type { KeyFacts } from '../../catalog/facts.js';
import type { ListAdminFilesQuery } from '../../contracts/files.js';
import type { ListQuery, RowPage } from '../../contracts/lists.js';
import { AppError } from '../../kernel/app-error.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import type { RecordingOf } from '../idempotency/recording.js';
import { KeyTouches } from '../usage/key-touches.js';
import { changingNeeds, meets, readingNeeds } from './record/file-access.js';
import { FileContents } from './intake/file-contents.js';
import { FileJobs } from './ingestion/file-jobs.js';
import { isTerminal, type FileRecord } from './record/file-record.js';
import { isJudged } from './record/tenant-file.js';
import type { FileOwner } from './record/file-row.js';
import { FilesRepository } from './record/files.repository.js';

/** What one request does at once; the sweeps do the rest. */
const enqueuedAtOnce = 500;
const contentsAtOnce = 2_000;

/** A tenant's files: seen, deleted and processed again by the keys that may. Their acceptance stands in file-intake. */
@Injectable()
export class FilesService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly files: FilesRepository,
    private readonly contents: FileContents,
    private readonly jobs: FileJobs,
    private readonly touches: KeyTouches,
  ) {}

  /** @throws AppError not_found for a file that is absent or that the key may not see. */
  async get(key: KeyFacts, id: string): Promise<FileRecord> {
    const file = await this.database.run(key.tenantId, (tx) => this.files.find(tx, key.tenantId, id));
    return this.judged(key, file, readingNeeds);
  }

  /** A file of the tenant, whoever may see it; null when there is none. */
  async find(tenantId: string, id: string): Promise<FileRecord | null> {
    return this.database.run(tenantId, (tx) => this.files.find(tx, tenantId, id));
  }

  /** Files of a dataset or conversation; who may see them is asked before. */
  async listOf(tenantId: string, owner: FileOwner, query: ListQuery): Promise<RowPage<FileRecord>> {
    return this.database.run(tenantId, (tx) => this.files.listOf(tx, tenantId, owner, query));
  }

  /** All files of a tenant, for its administrators. */
  async list(tenantId: string, query: ListAdminFilesQuery): Promise<RowPage<FileRecord>> {
    return this.database.run(tenantId, (tx) => this.files.list(tx, tenantId, query));
  }

  /**
   * Deletes a file of this dataset or conversation with its passages and its content. A run that processes it stops.
   * @throws AppError not_found.
   */
  async delete(key: KeyFacts, owner: FileOwner, id: string): Promise<void> {
    const file = await this.database.run(key.tenantId, async (tx) => {
      const found = await this.changeable(tx, key, id);
      if (!belongsTo(found, owner) || !(await this.files.delete(tx, key.tenantId, id))) throw new AppError('not_found');
      return found;
    });
    await this.contents.remove([file.storageKey]);
  }

  /**
   * Has a file processed again, from the start; its passages stay until the new ones are there. A file that waits
   * already only goes on waiting, and one of which nothing is made stays as it is.
   * @throws AppError not_found.
   */
  async reprocess(key: KeyFacts, id: string, recordingOf: RecordingOf<FileRecord>): Promise<FileRecord> {
    const { tenantId } = key;
    const { file, unfinished: waiting } = await this.database.run(tenantId, async (tx) => {
      const found = await this.changeable(tx, key, id);
      if (found.kind !== 'file' || isJudged(found.purpose)) await this.files.requeue(tx, tenantId, id);
      const requeued = await this.files.find(tx, tenantId, id);
      if (requeued === null) throw new AppError('not_found');
      const unfinished = await this.files.countUnfinished(tx, tenantId);
      await recordingOf(requeued)(tx);
      return { file: requeued, unfinished };
    });
    if (!isTerminal(file.state)) await this.jobs.enqueue(file, waiting);
    return file;
  }

  /** Makes all files of a dataset wait for new passages, within the caller's transaction. @returns how many. */
  async requeueDatasetIn(tx: Transaction, tenantId: string, datasetId: string, generation: number): Promise<number> {
    return this.files.requeueDataset(tx, tenantId, datasetId, generation);
  }

  /** Queues the files of a dataset that wait, as many as one call should; the sweep queues the rest. */
  async enqueueDataset(tenantId: string, datasetId: string): Promise<void> {
    const { waiting, unfinished } = await this.database.run(tenantId, async (tx) => ({
      waiting: await this.files.waitingOf(tx, tenantId, datasetId, enqueuedAtOnce),
      unfinished: await this.files.countUnfinished(tx, tenantId),
    }));
    for (const file of waiting) if (!(await this.jobs.enqueue(file, unfinished))) return;
  }

  /** Where the contents of files lie that are about to go with their dataset or conversation. */
  async contentsOfIn(tx: Transaction, tenantId: string, owner: FileOwner): Promise<string[]> {
    return this.files.storageKeysOf(tx, tenantId, owner, contentsAtOnce);
  }

  /** Removes contents after the commit that removed their rows; those that are left are the sweep's. */
  async removeContents(storageKeys: readonly string[]): Promise<void> {
    await this.contents.remove(storageKeys);
  }

  private async changeable(tx: Transaction, key: KeyFacts, id: string): Promise<FileRecord> {
    return this.judged(key, await this.files.find(tx, key.tenantId, id), changingNeeds);
  }

  /** Remembers what the key was needed for. @throws AppError not_found. */
  private judged(key: KeyFacts, file: FileRecord | null, needsOf: typeof readingNeeds): FileRecord {
    const needs = file === null ? undefined : needsOf(key, file);
    if (file === null || !meets(key, needs)) throw new AppError('not_found');
    this.touches.rely(key, needs);
    return file;
  }
}

function belongsTo(file: FileRecord, owner: FileOwner): boolean {
  if ('kind' in owner) return file.kind === owner.kind && file.purpose === owner.purpose;
  return 'datasetId' in owner ? file.datasetId === owner.datasetId : file.conversationId === owner.conversationId;
}
