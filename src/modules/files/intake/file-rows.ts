import { Injectable } from '@nestjs/common';
import { AppError } from '../../../kernel/app-error.js';
import { Groups } from '../../../kernel/groups.js';
import { DatabaseAwayError } from '../../../platform/database/database-away.js';
import { translateMissingReference } from '../../../platform/database/prisma-errors.js';
import { TenantDatabase, type StatementTransaction } from '../../../platform/database/tenant-database.js';
import { unrecorded } from '../../idempotency/recording.js';
import { isKey, refuseDeleted } from '../../keys/key-hold.js';
import type { FileRecord } from '../record/file-record.js';
import { FilesRepository } from '../record/files.repository.js';
import { FileContents } from './file-contents.js';
import { datasetOf, placedIn, rowOf, type NewFile, type PlacedFile } from './new-file.js';
import { UnlimitedFiles, type WrittenFile } from './unlimited-files.repository.js';
import { limitedBy, UploadLimits } from './upload-limits.js';
import { UploadStanding } from './upload-standing.js';

/** Rows of one commit. */
const mostRows = 32;

type Outcome = PromiseSettledResult<WrittenFile>;

/** What only Prisma's transactions have. */
interface Further {
  /** The file that a retry sent before. */
  readonly known: (file: PlacedFile) => Promise<FileRecord | null>;
  /** Called with the row, last. */
  readonly recorded: (record: FileRecord) => Promise<void>;
}

const nothingFurther: Further = { known: () => Promise.resolve(null), recorded: () => Promise.resolve() };

/**
 * Writes the rows of files. Those of a tenant that come while others of it are written are one transaction, and what stands in
 * the way of one stands in the way of no other. Each answer waits for the commit.
 */
@Injectable()
export class FileRows {
  private readonly groups = new Groups<PlacedFile, WrittenFile>(
    (tenantId, files) => this.writeTogether(tenantId, files),
    mostRows,
  );

  constructor(
    private readonly database: TenantDatabase,
    private readonly files: FilesRepository,
    private readonly unlimited: UnlimitedFiles,
    private readonly limits: UploadLimits,
    private readonly standing: UploadStanding,
    private readonly contents: FileContents,
  ) {}

  /**
   * Writes a file's row; a content that gets none is dropped.
   * @throws AppError rate_limit_exceeded, insufficient_quota, overloaded; invalid_api_key for a key, not_found for a dataset
   * or conversation that is gone meanwhile; what the owner and the recording throw.
   */
  async write(file: NewFile): Promise<WrittenFile> {
    const { tenantId, owner, isRetry, keyId, isLimited } = file.acceptance;
    // Those that must undo more than their row when they are refused, or look for what came before, need Prisma.
    if (typeof owner === 'function' || isRetry || file.recordingOf !== unrecorded) return this.writeFurther(tenantId, file);
    const placed = { ...file, owner };
    return isLimited === true || !isKey(keyId) ? this.writeAlone(tenantId, placed) : this.groups.add(tenantId, placed);
  }

  /** Most uploads are as plain as this. What stands in the way of one of them, its own transaction says. */
  private async writeTogether(tenantId: string, files: readonly PlacedFile[]): Promise<readonly Outcome[]> {
    const written = await this.insertUnlimited(tenantId, files);
    const outcomes: Outcome[] = [];
    for (const file of files) {
      const value = written.get(file);
      if (value !== undefined) outcomes.push({ status: 'fulfilled', value });
      else outcomes.push(...(await Promise.allSettled([this.writeAlone(tenantId, file)])));
    }
    return outcomes;
  }

  private async insertUnlimited(tenantId: string, files: readonly PlacedFile[]): ReturnType<UnlimitedFiles['insert']> {
    try {
      return await this.unlimited.insert(tenantId, files);
    } catch (error) {
      // What the database refuses of one of them it has refused of all.
      if (!(error instanceof DatabaseAwayError)) return new Map();
      // Of what was sent the rows may be there all the same: the sweep finds out.
      if (error.isUnsent) await Promise.all(files.map((file) => this.drop(file)));
      throw error;
    }
  }

  private writeAlone(tenantId: string, file: PlacedFile): Promise<WrittenFile> {
    return this.orDropped(file, (written) =>
      this.database.runPlain(tenantId, async (tx) => written(await this.decide(tx, tenantId, file, nothingFurther))),
    );
  }

  /** What is refused leaves nothing behind, neither what its owner has made. */
  private writeFurther(tenantId: string, file: NewFile): Promise<WrittenFile> {
    const { acceptance, content, recordingOf } = file;
    return this.orDropped(file, (written) =>
      this.database.run(tenantId, async (tx) => {
        const further: Further = {
          known: async ({ owner }) =>
            acceptance.isRetry ? this.files.findRecent(tx, tenantId, acceptance.keyId, content.sha256, owner) : null,
          recorded: (record) => recordingOf(record)(tx),
        };
        written(await this.decide(tx, tenantId, await placedIn(tx, file), further));
      }),
    );
  }

  /** @param work says what it has written before it commits: the content is dropped only of what has no row for certain. */
  private async orDropped(file: NewFile, work: (written: (value: WrittenFile) => void) => Promise<void>): Promise<WrittenFile> {
    let written: WrittenFile | undefined;
    try {
      await work((value) => (written = value));
    } catch (error) {
      if (written !== undefined) throw error;
      await this.drop(file);
      throw translateMissingReference(error, 'file') === undefined ? error : new AppError('not_found', { cause: error });
    }
    if (written === undefined) throw new Error('A file that was written has an outcome.');
    return written;
  }

  private async drop({ storageKey }: NewFile): Promise<void> {
    await this.contents.drop(storageKey);
  }

  /** @throws AppError as `write`. */
  private async decide(
    tx: StatementTransaction,
    tenantId: string,
    file: PlacedFile,
    { known, recorded }: Further,
  ): Promise<WrittenFile> {
    const { acceptance, content } = file;
    const { slug, held, dataset, unfinished, ...standing } = await this.standing.read(tx, tenantId, file);
    refuseDeleted(acceptance.keyId, held);
    const before = await known(file);
    if (before === null && datasetOf(file) !== undefined && dataset === null) throw new AppError('not_found');
    if (before === null)
      await this.limits.judge(tx, acceptance, content.bytes, limitedBy(acceptance, standing.limits, standing.keyLimits));
    const record = before ?? {
      ...(await this.files.insertRow(tx, rowOf(file, { generation: dataset?.generation ?? 1, unfinished }))),
      tenant: { slug },
      dataset: dataset === null ? null : { id: dataset.id, alias: dataset.alias },
    };
    await recorded(record);
    return { file: record, unfinished };
  }
}
