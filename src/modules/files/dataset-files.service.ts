import { Injectable } from '@nestjs/common';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import type { ListPassagesQuery } from '../../contracts/files.js';
import type { RowPage } from '../../contracts/lists.js';
import { AppError } from '../../kernel/app-error.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import { AuditWriter } from '../audit/audit-writer.js';
import { FileJobs } from './ingestion/file-jobs.js';
import type { ArrivedContent } from './intake/acceptance.js';
import { FileContents } from './intake/file-contents.js';
import { FileIntake } from './intake/file-intake.js';
import { FileTextsRepository, type FilePassage } from './reading/file-texts.repository.js';
import type { FileRecord } from './record/file-record.js';
import { FilesRepository } from './record/files.repository.js';

/** Files that no key uploaded stand on this account. */
export const adminUploader = 'admin';

/** What files say is for people of the tenant. @throws AppError insufficient_role for operators. */
export function refuseOperator({ role }: Actor): void {
  if (role === 'operator')
    throw new AppError('insufficient_role', { message: 'What files say is for people of the tenant alone.' });
}

/** Files of datasets in the hands of a tenant's administrators. What belongs to a conversation is its key's, and absent here. */
@Injectable()
export class DatasetFilesService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly files: FilesRepository,
    private readonly texts: FileTextsRepository,
    private readonly intake: FileIntake,
    private readonly contents: FileContents,
    private readonly jobs: FileJobs,
    private readonly audit: AuditWriter,
  ) {}

  /** Asks for room before anything is received. @throws AppError rate_limit_exceeded, insufficient_quota. */
  async refuseWithoutRoom({ tenantId }: Actor, bytes: number): Promise<void> {
    await this.intake.refuseWithoutRoom(uploaderIn(tenantId), bytes);
  }

  /**
   * Takes a content into a dataset. What is sent once more, and says so, is the file that came first.
   * @throws AppError as `FileIntake.accept` does.
   */
  async accept(actor: Actor, datasetId: string, content: ArrivedContent, isRetry: boolean): Promise<FileRecord> {
    const since = Date.now();
    const acceptance = { ...uploaderIn(actor.tenantId), owner: { datasetId }, isRetry };
    return this.intake.accept(acceptance, content, (file) => async (tx) => {
      if (file.createdAt.getTime() < since) return;
      const changes = { dataset: datasetId, filename: file.filename, bytes: Number(file.bytes), sha256: file.sha256 };
      await this.audit.record(tx, actor, { action: 'create', kind: 'file', objectId: file.id, changes });
    });
  }

  /** @throws AppError not_found; insufficient_role for operators. */
  async passages(actor: Actor, id: string, query: ListPassagesQuery): Promise<RowPage<FilePassage>> {
    return this.database.run(actor.tenantId, async (tx) => {
      await this.ofDataset(tx, actor, id);
      refuseOperator(actor);
      return this.texts.page(tx, actor.tenantId, id, query);
    });
  }

  /** Has the file processed again, from the start; its passages stay until the new ones are there. @throws AppError not_found. */
  async reprocess(actor: Actor, id: string): Promise<FileRecord> {
    const { tenantId } = actor;
    const { file, unfinished } = await this.database.run(tenantId, async (tx) => {
      const { attempts } = await this.ofDataset(tx, actor, id);
      await this.files.requeue(tx, tenantId, id);
      await this.audit.record(tx, actor, { action: 'reprocess', kind: 'file', objectId: id, changes: { attempts } });
      return { file: await this.ofDataset(tx, actor, id), unfinished: await this.files.countUnfinished(tx, tenantId) };
    });
    await this.jobs.enqueue(file, unfinished);
    return file;
  }

  /** Deletes the file with its passages and its content. A run that processes it stops. @throws AppError not_found. */
  async delete(actor: Actor, id: string): Promise<void> {
    const { storageKey } = await this.database.run(actor.tenantId, async (tx) => {
      const file = await this.ofDataset(tx, actor, id);
      if (!(await this.files.delete(tx, actor.tenantId, id))) throw new AppError('not_found');
      const before = { dataset: file.datasetId, filename: file.filename, bytes: Number(file.bytes), sha256: file.sha256 };
      await this.audit.record(tx, actor, { action: 'delete', kind: 'file', objectId: id, before });
      return file;
    });
    await this.contents.remove([storageKey]);
  }

  private async ofDataset(tx: Transaction, { tenantId }: Actor, id: string): Promise<FileRecord> {
    const file = await this.files.find(tx, tenantId, id);
    if (file?.kind !== 'dataset') throw new AppError('not_found');
    return file;
  }
}

const uploaderIn = (tenantId: string) => ({ tenantId, keyId: adminUploader, linkedKeyIds: [] });
