import { Injectable } from '@nestjs/common';
import { AppError } from '../../../kernel/app-error.js';
import { Groups } from '../../../kernel/groups.js';
import { DatabaseAwayError } from '../../../platform/database/database-away.js';
import { translateMissingReference } from '../../../platform/database/prisma-errors.js';
import { TenantDatabase, type Transaction } from '../../../platform/database/tenant-database.js';
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

/**
 * Writes the rows of files. Those of a tenant that come while others of it are written are one transaction: each is judged in
 * its turn, and one that is refused refuses no other. Each answer waits for the commit.
 */
@Injectable()
export class FileRows {
  private readonly groups = new Groups<NewFile, WrittenFile>((tenantId, files) => this.writeAll(tenantId, files), mostRows);

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
    const { tenantId } = file.acceptance;
    return isAlone(file) ? valueOf(await this.writeAll(tenantId, [file])) : this.groups.add(tenantId, file);
  }

  private async writeAll(tenantId: string, files: readonly NewFile[]): Promise<readonly Outcome[]> {
    let outcomes: readonly Outcome[] | undefined;
    try {
      await this.database.run(tenantId, async (tx) => {
        const decided = await this.decide(tx, tenantId, files);
        // What is refused alone leaves nothing behind, neither what its owner has made.
        if (files.length === 1) valueOf(decided);
        outcomes = decided;
      });
    } catch (error) {
      // When only the commit broke off, the rows may be there all the same: the sweep finds out.
      if (outcomes !== undefined) throw error;
      if (files.length > 1 && !(error instanceof DatabaseAwayError)) return this.writeEach(tenantId, files);
      await this.dropAll(files);
      throw translateMissingReference(error, 'file') === undefined ? error : new AppError('not_found', { cause: error });
    }
    await this.dropAll(files.filter((_file, at) => outcomes?.[at]?.status === 'rejected'));
    return outcomes ?? [];
  }

  /** What the database refuses of one of them ends the transaction of all: each has its own then. */
  private async writeEach(tenantId: string, files: readonly NewFile[]): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const file of files) {
      const writing = this.writeAll(tenantId, [file]).then(valueOf);
      outcomes.push(...(await Promise.allSettled([writing])));
    }
    return outcomes;
  }

  private async dropAll(files: readonly NewFile[]): Promise<void> {
    for (const { storageKey } of files) await this.contents.drop(storageKey);
  }

  private async decide(tx: Transaction, tenantId: string, files: readonly NewFile[]): Promise<readonly Outcome[]> {
    const placed: PlacedFile[] = [];
    for (const file of files) placed.push(await placedIn(tx, file));
    const standing = await this.standing.read(tx, tenantId, placed);
    const records = new Map<PlacedFile, FileRecord>();
    const refusals = new Map<PlacedFile, AppError>();
    for (const file of placed) {
      try {
        const record = await this.judge(tx, standing, file);
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
        await file.recordingOf(record)(tx);
        outcomes.push({ status: 'fulfilled', value: { file: record, unfinished: standing.unfinished + outcomes.length } });
      }
    }
    return outcomes;
  }

  /**
   * @returns the file's record where it has a row by now; undefined: nothing stands in its way, and its row is written with
   * the others'. @throws AppError as `write`.
   */
  private async judge(tx: Transaction, standing: Standing, file: PlacedFile): Promise<FileRecord | undefined> {
    const { acceptance, owner, content } = file;
    const { tenantId, keyId, isRetry } = acceptance;
    refuseDeleted(keyId, standing.held);
    const known = isRetry ? await this.files.findRecent(tx, tenantId, keyId, content.sha256, owner) : null;
    if (known !== null) return known;
    const datasetId = datasetOf(file);
    if (datasetId !== undefined && standing.datasets[datasetId] === undefined) throw new AppError('not_found');
    const limited = limitedBy(acceptance, standing.limits, standing.keyLimits);
    if (limited.length === 0) return undefined;
    await this.limits.judge(tx, acceptance, content.bytes, limited);
    // At once: the next one is counted with it.
    return (await this.insert(tx, standing, [file])).get(file);
  }

  private async insert(
    tx: Transaction,
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

/** Those that must undo more than their row when they are refused, or look for what came before, have a transaction to themselves. */
function isAlone({ acceptance: { owner, isRetry }, recordingOf }: NewFile): boolean {
  return typeof owner === 'function' || isRetry || recordingOf !== unrecorded;
}

function valueOf([outcome]: readonly Outcome[]): WrittenFile {
  if (outcome?.status === 'fulfilled') return outcome.value;
  throw outcome?.reason ?? new Error('A file that was written has an outcome.');
}
