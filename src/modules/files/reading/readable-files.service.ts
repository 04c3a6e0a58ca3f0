import { Injectable } from '@nestjs/common';
import { buffer } from 'node:stream/consumers';
import type { KeyFacts, TenantFacts } from '../../../catalog/facts.js';
import { TenantDatabase } from '../../../platform/database/tenant-database.js';
import { ObjectStore } from '../../../platform/storage/object-store.js';
import { KeyTouches } from '../../usage/key-touches.js';
import { contentNeeds, meets } from '../record/file-access.js';
import { isMediaType, mediaTypes } from '../../../platform/documents/media-types.js';
import type { FileRecord } from '../record/file-record.js';
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
  /** Its content is its text: nobody has cut it into passages. */
  readonly isPlain: boolean;
}

type Readability = Pick<ReadableFile, 'state' | 'failure' | 'textBytes' | 'isPlain'>;

/** A file of a dataset or conversation is read as its pipeline has read it. */
function ofTarget({ state, errorMessage }: FileRecord, textBytes: number): Readability {
  return { state, failure: errorMessage, textBytes, isPlain: false };
}

/** Of a file of the tenant nothing was made: a text is read as it is, a document of another type only where it is sent as bytes. */
function ofTenant({ mediaType, bytes }: FileRecord): Readability {
  if (isMediaType(mediaType) && mediaTypes[mediaType].isText)
    return { state: 'ready', failure: null, textBytes: Number(bytes), isPlain: true };
  const failure =
    'of a file of POST /files only texts, images and, where the provider takes them, PDFs are read. Upload it to a conversation.';
  return { state: 'failed', failure, textBytes: 0, isPlain: false };
}

/** Reads files for calls that name them, for keys that may read their content. */
@Injectable()
export class ReadableFiles {
  constructor(
    private readonly database: TenantDatabase,
    private readonly files: FilesRepository,
    private readonly texts: FileTextsRepository,
    private readonly store: ObjectStore,
    private readonly touches: KeyTouches,
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
      const allowed = rows.filter((file) => {
        const needs = contentNeeds(key, groupsOff, file);
        if (!meets(key, needs)) return false;
        this.touches.rely(key, needs);
        return true;
      });
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
          bytes: Number(file.bytes),
          ...(file.kind === 'file' ? ofTenant(file) : ofTarget(file, sizes.get(file.id) ?? 0)),
        },
      ]);
      return new Map(readable);
    });
  }

  /** Its text as the pipeline has extracted it, or as it is. */
  async text(tenantId: string, file: ReadableFile): Promise<string> {
    const { id, isPlain } = file;
    if (isPlain) return decoded((await this.content(file)) ?? Buffer.alloc(0));
    return joinedText(await this.database.run(tenantId, (tx) => this.texts.passages(tx, tenantId, id)));
  }

  /** Its content; undefined when that is gone. @throws AppError overloaded. */
  async content({ storageKey }: ReadableFile): Promise<Buffer | undefined> {
    const content = await this.store.openRead(storageKey);
    return content === undefined ? undefined : buffer(content);
  }
}

/** In whatever encoding it is; what decodes texts is loaded with the first one. */
async function decoded(bytes: Buffer): Promise<string> {
  const { decodeText, encodingOf } = await import('../../../platform/documents/text-decoding.js');
  return decodeText(bytes, encodingOf(bytes) ?? 'utf-8');
}
