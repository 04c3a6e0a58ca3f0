import { Injectable } from '@nestjs/common';
import { buffer } from 'node:stream/consumers';
import type { KeyFacts, TenantFacts } from '../../../catalog/facts.js';
import { TenantDatabase } from '../../../platform/database/tenant-database.js';
import { ObjectStore } from '../../../platform/storage/object-store.js';
import { mayReadContent } from '../record/file-access.js';
import { FilesRepository } from '../record/files.repository.js';
import { FileTextsRepository } from './file-texts.repository.js';
import { joinedText } from './joined-text.js';

/** A file whose content a key may read. */
export interface ReadableFile {
  readonly id: string;
  readonly filename: string;
  readonly mediaType: string;
  readonly storageKey: string;
  readonly state: string;
  /** Why it could not be processed. */
  readonly failure: string | null;
  readonly bytes: number;
  /** Bytes of its text, counted over its passages: never less than the text has. */
  readonly textBytes: number;
}

/** Reads files for calls that name them, for keys that may read their content. */
@Injectable()
export class ReadableFiles {
  constructor(
    private readonly database: TenantDatabase,
    private readonly files: FilesRepository,
    private readonly texts: FileTextsRepository,
    private readonly store: ObjectStore,
  ) {}

  /**
   * Those of the files whose content the key may read. The others are not among them, whatever the reason: the same is asked
   * of the database for each.
   */
  async find(
    key: KeyFacts,
    { groupsOff }: Pick<TenantFacts, 'groupsOff'>,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, ReadableFile>> {
    const { tenantId } = key;
    return this.database.run(tenantId, async (tx) => {
      const rows = await this.files.findAll(tx, tenantId, ids);
      const allowed = rows.filter((file) => mayReadContent(key, groupsOff, file));
      const sizes = await this.texts.sizes(
        tx,
        tenantId,
        allowed.map(({ id }) => id),
      );
      const readable = allowed.map((file): [string, ReadableFile] => [
        file.id,
        {
          id: file.id,
          filename: file.filename,
          mediaType: file.mediaType,
          storageKey: file.storageKey,
          state: file.state,
          failure: file.errorMessage,
          bytes: Number(file.bytes),
          textBytes: sizes.get(file.id) ?? 0,
        },
      ]);
      return new Map(readable);
    });
  }

  /** Its text as the pipeline has extracted it. */
  async text(tenantId: string, { id }: ReadableFile): Promise<string> {
    return joinedText(await this.database.run(tenantId, (tx) => this.texts.passages(tx, tenantId, id)));
  }

  /** Its content; undefined when that is gone. @throws AppError overloaded. */
  async content({ storageKey }: ReadableFile): Promise<Buffer | undefined> {
    const content = await this.store.openRead(storageKey);
    return content === undefined ? undefined : buffer(content);
  }
}
