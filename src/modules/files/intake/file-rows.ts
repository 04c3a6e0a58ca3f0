import { Injectable } from '@nestjs/common';
import { AppError } from '../../../kernel/app-error.js';
import { Groups } from '../../../kernel/groups.js';
import { DatabaseAwayError } from '../../../platform/database/database-away.js';
import { translateMissingReference } from '../../../platform/database/prisma-errors.js';
import { TenantDatabase, type StatementTransaction } from '../../../platform/database/tenant-database.js';
import { unrecorded } from '../../idempotency/recording.js';
import { refuseDeleted } from '../../keys/key-hold.js';
import type { FileRecord } from '../record/file-record.js';
import { FilesRepository } from '../record/files.repository.js';
import { FileContents } from './file-contents.js';
import { datasetOf, placedIn, rowOf, type NewFile, type PlacedFile } from './new-file.js';
import { limitedBy, UploadLimits } from './upload-limits.js';
import { UploadStanding, type Standing } from './upload-standing.js';

/** Rows of one commit. */
const mostRows = 32;

export interface WrittenFile {
  /** Another one where a retry finds what was sent before. */
  readonly file: FileRecord;
  /** How many of the tenant's files have not come to an end. */
  readonly unfinished: number;
}

type Outcome = PromiseSettledResult<WrittenFile>;

/** What only a file that is alone in its transaction has. */
interface Further {
  /** The file that a retry sent before. */
  readonly known: (file: PlacedFile) => Promise<FileRecord | null>;
  /** Called with the row, last. */
  readonly recorded: (record: FileRecord) => Promise<void>;
}

const nothingFurther: Further = { known: () => Promise.resolve(null), recorded: () => Promise.resolve() };

/**
 * Writes the rows of files. Those of a tenant that come while others of it are written are one transaction: each is judged in
 * its turn, and one that is refused refuses no other. Each answer waits for the commit.
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
    const { tenantId, owner, isRetry } = file.acceptance;
    // Those that must undo more than their row when they are refused, or look for what came before, have a transaction to themselves.
    if (typeof owner === 'function' || isRetry || file.recordingOf !== unrecorded) return this.writeAlone(tenantId, file);
    return this.groups.add(tenantId, { ...file, owner });
  }

  /** Rows of which each stands for itself, in plain SQL: these are most uploads, and Prisma would be a tenth of what they cost. */
  private async writeTogether(tenantId: string, files: readonly PlacedFile[]): Promise<readonly Outcome[]> {
    let outcomes: readonly Outcome[] | undefined;
    try {
      await this.database.runPlain(tenantId, async (tx) => {
        outcomes = await this.decide(tx, tenantId, files, nothingFurther);
      });
    } catch (error) {
      // When only the commit broke off, the rows may be there all the same: the sweep finds out.
      if (outcomes !== undefined) throw error;
      if (!(error instanceof DatabaseAwayError)) return this.writeEach(tenantId, files);
      await this.dropAll(files);
      throw error;
    }
    await this.dropAll(files.filter((_file, at) => outcomes?.[at]?.status === 'rejected'));
    return outcomes ?? [];
  }

  /** What the database refuses of one of them ends the transaction of all: each has its own then. */
  private async writeEach(tenantId: string, files: readonly NewFile[]): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const file of files) outcomes.push(...(await Promise.allSettled([this.writeAlone(tenantId, file)])));
    return outcomes;
  }

  /** What is refused alone leaves nothing behind, neither what its owner has made. */
  private async writeAlone(tenantId: string, file: NewFile): Promise<WrittenFile> {
    let written: WrittenFile | undefined;
    try {
      await this.database.run(tenantId, async (tx) => {
        const { acceptance, content } = file;
        const placed = [await placedIn(tx, file)];
        const decided = await this.decide(tx, tenantId, placed, {
          known: async ({ owner }) =>
            acceptance.isRetry ? this.files.findRecent(tx, tenantId, acceptance.keyId, content.sha256, owner) : null,
          recorded: (record) => file.recordingOf(record)(tx),
        });
        written = valueOf(decided);
      });
    } catch (error) {
      if (written !== undefined) throw error;
      await this.dropAll([file]);
      throw translateMissingReference(error, 'file') === undefined ? error : new AppError('not_found', { cause: error });
    }
    if (written === undefined) throw new Error('A file that was written has an outcome.');
    return written;
  }

  private async dropAll(files: readonly NewFile[]): Promise<void> {
    await Promise.all(files.map(({ storageKey }) => this.contents.drop(storageKey)));
  }

  private async decide(
    tx: StatementTransaction,
    tenantId: string,
    placed: readonly PlacedFile[],
    { known, recorded }: Further,
  ): Promise<readonly Outcome[]> {
    const standing = await this.standing.read(tx, tenantId, placed);
    const records = new Map<PlacedFile, FileRecord>();
    const refusals = new Map<PlacedFile, AppError>();
    for (const file of placed) {
      try {
        const record = await this.judge(tx, standing, file, known);
        if (record !== undefined) records.set(file, record);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        refusals.set(file, error);
      }
    }
    const free = placed.filter((file) => !records.has(file) && !refusals.has(file));
    for (const [file, record] of await this.insert(tx, standing, free)) records.set(file, record);
    const outcomes: Outcome[] = [];
    for (const file of placed) {
      const record = records.get(file);
      if (record === undefined) outcomes.push({ status: 'rejected', reason: refusals.get(file) });
      else {
        await recorded(record);
        outcomes.push({ status: 'fulfilled', value: { file: record, unfinished: standing.unfinished + outcomes.length } });
      }
    }
    return outcomes;
  }

  /**
   * @returns the file's record where it has a row by now; undefined: nothing stands in its way, and its row is written with
   * the others'. @throws AppError as `write`.
   */
  private async judge(
    tx: StatementTransaction,
    standing: Standing,
    file: PlacedFile,
    known: Further['known'],
  ): Promise<FileRecord | undefined> {
    const { acceptance, content } = file;
    refuseDeleted(acceptance.keyId, standing.held);
    const before = await known(file);
    if (before !== null) return before;
    const datasetId = datasetOf(file);
    if (datasetId !== undefined && standing.datasets[datasetId] === undefined) throw new AppError('not_found');
    const limited = limitedBy(acceptance, standing.limits, standing.keyLimits);
    if (limited.length === 0) return undefined;
    await this.limits.judge(tx, acceptance, content.bytes, limited);
    // At once: the next one is counted with it.
    return (await this.insert(tx, standing, [file])).get(file);
  }

  private async insert(
    tx: StatementTransaction,
    { slug, datasets }: Standing,
    files: readonly PlacedFile[],
  ): Promise<Map<PlacedFile, FileRecord>> {
    const placeOf = (file: PlacedFile) => datasets[datasetOf(file) ?? ''];
    const given = files.map((file) => rowOf(file, placeOf(file)?.generation ?? 1));
    const rows = new Map((given.length === 0 ? [] : await this.files.insertAll(tx, given)).map((row) => [row.id, row]));
    const records = new Map<PlacedFile, FileRecord>();
    for (const file of files) {
      const row = rows.get(file.id);
      const dataset = placeOf(file);
      const named = dataset === undefined ? null : { id: datasetOf(file) ?? '', alias: dataset.alias };
      if (row !== undefined) records.set(file, { ...row, tenant: { slug }, dataset: named });
    }
    return records;
  }
}

function valueOf([outcome]: readonly Outcome[]): WrittenFile {
  if (outcome?.status === 'fulfilled') return outcome.value;
  throw outcome?.reason ?? new Error('A file that was written has an outcome.');
}
