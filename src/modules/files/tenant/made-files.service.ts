import { Injectable } from '@nestjs/common';
import type { Writable } from 'node:stream';
import type { MadePurpose } from '../../../contracts/files.js';
import { newId } from '../../../kernel/ids.js';
import { TenantDatabase, type Transaction } from '../../../platform/database/tenant-database.js';
import { objectKey } from '../../../platform/storage/object-key.js';
import { FileContents } from '../intake/file-contents.js';
import { MeasuredContent } from '../intake/measured-content.js';
import { StorageClaim } from '../intake/storage-claim.js';
import type { FileRecord } from '../record/file-record.js';
import { FilesRepository } from '../record/files.repository.js';
import { readyAtOnce } from '../record/tenant-file.js';

/** What is known of a file before it is made. */
export interface MadeFile {
  readonly purpose: MadePurpose;
  readonly filename: string;
  readonly mediaType: string;
  /** Whose work made it. */
  readonly keyId: string;
  readonly expiresAt: Date | null;
}

/** A file that is being made. Nobody sees it before it is committed; whoever began it commits or aborts it. */
export interface MadeFileWriter {
  /** Takes the content at the pace of the storage. Its errors are AppErrors. */
  readonly stream: Writable;
  /**
   * Ends the content, then writes the file's row in one transaction with the caller's own work. When that throws, nothing
   * of the file stays. @throws AppError overloaded, and what the work throws.
   */
  commit<T>(work: (tx: Transaction, file: FileRecord) => Promise<T>): Promise<T>;
  /** Drops the content. Harmless at any time, never throws. */
  abort(): Promise<void>;
}

/** Makes files of the tenant that nobody uploads: what batches and fine-tuning jobs give. They take room, and are no uploads. */
@Injectable()
export class MadeFiles {
  constructor(
    private readonly database: TenantDatabase,
    private readonly files: FilesRepository,
    private readonly contents: FileContents,
    private readonly claim: StorageClaim,
  ) {}

  /** @throws AppError overloaded. */
  async begin(tenantId: string, made: MadeFile): Promise<MadeFileWriter> {
    const id = newId('file');
    const key = objectKey(await this.claim.id(), tenantId, id);
    const writer = await this.contents.begin();
    const content = new MeasuredContent(writer.stream);
    return {
      stream: content.stream,
      commit: async (work) => {
        try {
          await content.end();
        } catch (error) {
          await writer.abort();
          throw error;
        }
        await this.contents.keep(writer, key);
        const values = {
          ...made,
          ...content.measures(),
          ...readyAtOnce,
          kind: 'file',
          storageKey: key,
          datasetId: null,
          conversationId: null,
          generation: 1,
        };
        return this.insert(tenantId, key, async (tx) => work(tx, await this.files.insert(tx, tenantId, id, values)));
      },
      abort: async () => {
        content.stream.destroy();
        await writer.abort();
      },
    };
  }

  /** When only the commit broke off, the row may be there all the same: the sweep finds out. */
  private async insert<T>(tenantId: string, key: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    let isDone = false;
    try {
      return await this.database.run(tenantId, async (tx) => {
        const result = await work(tx);
        isDone = true;
        return result;
      });
    } catch (error) {
      if (!isDone) await this.contents.remove([key]);
      throw error;
    }
  }
}
