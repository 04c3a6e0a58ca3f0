import { Injectable } from '@nestjs/common';
import type { Readable } from 'node:stream';
import type { ListFilesQuery } from '../../../contracts/files.js';
import type { RowPage } from '../../../contracts/lists.js';
import { AppError } from '../../../kernel/app-error.js';
import { TenantDatabase } from '../../../platform/database/tenant-database.js';
import { ObjectStore, type ByteRange } from '../../../platform/storage/object-store.js';
import { FileContents } from '../intake/file-contents.js';
import type { FileRecord } from '../record/file-record.js';
import { FilesRepository } from '../record/files.repository.js';

/** The files of a tenant itself: those of `POST /files`, and those that the platform made for it. Every key with the scope sees them. */
@Injectable()
export class TenantFiles {
  constructor(
    private readonly database: TenantDatabase,
    private readonly files: FilesRepository,
    private readonly contents: FileContents,
    private readonly store: ObjectStore,
  ) {}

  /** Null for a file that is absent, expired, or belongs to a dataset or conversation. */
  async find(tenantId: string, id: string): Promise<FileRecord | null> {
    const file = await this.database.run(tenantId, (tx) => this.files.find(tx, tenantId, id));
    return file?.kind === 'file' ? file : null;
  }

  /** @throws AppError not_found. */
  async get(tenantId: string, id: string): Promise<FileRecord> {
    const file = await this.find(tenantId, id);
    if (file === null) throw new AppError('not_found');
    return file;
  }

  async list(tenantId: string, query: ListFilesQuery): Promise<RowPage<FileRecord>> {
    return this.database.run(tenantId, (tx) => this.files.listOfTenant(tx, tenantId, query));
  }

  /**
   * The content, or part of it, at the pace of its reader. That of a deleted file is there as long as it is held
   * (`ContentHolds`).
   * @throws AppError not_found when it is gone, overloaded when the storage does not answer.
   */
  async open({ storageKey }: Pick<FileRecord, 'storageKey'>, range?: ByteRange): Promise<Readable> {
    const content = await this.store.openRead(storageKey, range);
    if (content === undefined) throw new AppError('not_found', { message: 'The content of this file is gone.' });
    return content;
  }

  /**
   * Deletes a file. What was made of it goes with it: it is detached from every vector store.
   * @throws AppError not_found.
   */
  async delete(tenantId: string, id: string): Promise<void> {
    const { storageKey } = await this.get(tenantId, id);
    if (!(await this.database.run(tenantId, (tx) => this.files.delete(tx, tenantId, id)))) throw new AppError('not_found');
    await this.contents.remove([storageKey]);
  }
}
