import { Injectable } from '@nestjs/common';
import type { ListAdminFilesQuery, ListFilesQuery } from '../../../contracts/files.js';
import type { ListQuery, RowPage } from '../../../contracts/lists.js';
import { readPage } from '../../../platform/database/cursor.js';
import { Prisma, type File } from '../../../platform/database/generated/client.js';
import type { StatementTransaction, Transaction } from '../../../platform/database/tenant-database.js';
import type { FileRecord, WaitingFile } from './file-record.js';
import { asJson, columns, members, newRow, typedMembers, type FileOwner, type FileRow, type FileValues } from './file-row.js';

const withNames = { tenant: { select: { slug: true } }, dataset: { select: { id: true, alias: true } } } as const;

/** The largest count that still changes a job's place in the queue. */
const mostUnfinished = 1_000;

/** Failures of files that may be read after their dataset has changed. */
const mayPass = [
  'embedding_failed',
  'no_text',
  'ocr_unavailable',
  'processing_failed',
  'processing_timeout',
  'reader_unavailable',
  'too_many_scans',
];

/** Files whose time is not over. One whose time is over is absent, though its row goes a moment later. */
export const live = (): Prisma.FileWhereInput => ({ OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }] });

/** The rows of a tenant's files. What the pipeline writes stands in file-claims.repository. */
@Injectable()
export class FilesRepository {
  async find(tx: Transaction, tenantId: string, id: string): Promise<FileRecord | null> {
    return tx.file.findFirst({ where: { tenantId, id, ...live() }, include: withNames });
  }

  /** Those of the files that the tenant has. */
  async findAll(tx: Transaction, tenantId: string, ids: readonly string[]): Promise<FileRecord[]> {
    return tx.file.findMany({ where: { tenantId, id: { in: [...ids] }, ...live() }, include: withNames });
  }

  async insert(tx: Transaction, tenantId: string, id: string, values: FileValues): Promise<FileRecord> {
    return tx.file.create({ data: { tenantId, id, ...values }, include: withNames });
  }

  /** The row of a file, written in plain SQL too. */
  async insertRow(tx: StatementTransaction, given: FileRow): Promise<File> {
    const row = newRow(given);
    await tx.$executeRaw`
      insert into files (${Prisma.raw(columns)})
      select ${Prisma.raw(members)} from jsonb_to_recordset(${asJson([row])}::jsonb) as given (${Prisma.raw(typedMembers)})`;
    return row;
  }

  /** @returns false when it was gone already. */
  async delete(tx: Transaction, tenantId: string, id: string): Promise<boolean> {
    return (await tx.file.deleteMany({ where: { tenantId, id } })).count > 0;
  }

  /** Files of one dataset or conversation; `keyId` narrows them to what that key uploaded. */
  async listOf(
    tx: Transaction,
    tenantId: string,
    owner: FileOwner,
    query: ListQuery,
    keyId?: string,
  ): Promise<RowPage<FileRecord>> {
    return this.page(tx, { tenantId, ...owner, ...(keyId === undefined ? {} : { keyId }) }, query);
  }

  /** Files of the tenant itself. */
  async listOfTenant(tx: Transaction, tenantId: string, { purpose, ...query }: ListFilesQuery): Promise<RowPage<FileRecord>> {
    const of = { tenantId, kind: 'file', AND: live() };
    return this.page(tx, of, query, purpose === undefined ? of : { ...of, purpose });
  }

  async list(tx: Transaction, tenantId: string, query: ListAdminFilesQuery): Promise<RowPage<FileRecord>> {
    const { dataset, conversation, kind, state, filename, key } = query;
    const given = { datasetId: dataset, conversationId: conversation, kind, state, filename, keyId: key };
    const filter = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    return this.page(tx, { tenantId, ...filter }, query);
  }

  /** The newest file with this content that the key put into this place within the last ten minutes. */
  async findRecent(
    tx: Transaction,
    tenantId: string,
    keyId: string,
    sha256: string,
    owner: FileOwner,
  ): Promise<FileRecord | null> {
    const since = new Date(Date.now() - 10 * 60_000);
    return tx.file.findFirst({
      where: { tenantId, keyId, sha256, ...owner, createdAt: { gte: since }, ...live() },
      orderBy: { createdAt: 'desc' },
      include: withNames,
    });
  }

  /** How many of the tenant's files have not come to an end; counted no further than matters. */
  async countUnfinished(tx: Transaction, tenantId: string): Promise<number> {
    const [row] = await tx.$queryRaw<{ count: number }[]>`
      select count(*)::int as count from
        (select 1 from files where tenant_id = ${tenantId} and state not in ('ready', 'failed') limit ${mostUnfinished}) as unfinished`;
    return row?.count ?? 0;
  }

  /** Where the contents of a dataset's or conversation's files lie, at most `limit` of them. */
  async storageKeysOf(tx: Transaction, tenantId: string, owner: FileOwner, limit: number): Promise<string[]> {
    const rows = await tx.file.findMany({ where: { tenantId, ...owner }, select: { storageKey: true }, take: limit });
    return rows.map(({ storageKey }) => storageKey);
  }

  /** Files of a dataset that wait for an attempt and were not queued yet. */
  async waitingOf(tx: Transaction, tenantId: string, datasetId: string, limit: number): Promise<WaitingFile[]> {
    const where = { tenantId, datasetId, state: 'stored', stage: null, queuedAt: null };
    return tx.file.findMany({
      where,
      select: { tenantId: true, id: true, attempts: true },
      orderBy: { createdAt: 'asc' },
      take: limit,
    });
  }

  /** Makes the file wait for a new attempt. A run that has it loses its claim. */
  async requeue(tx: Transaction, tenantId: string, id: string): Promise<boolean> {
    const count = await tx.$executeRaw`
      update files set state = 'stored', stage = null, percent = 0, error_code = null, error_message = null, queued_at = null, round_start = attempts, updated_at = now()
       where tenant_id = ${tenantId} and id = ${id}`;
    return count > 0;
  }

  /**
   * The same for the files of a dataset whose passages must be made anew, for the dataset's new generation. Files that
   * failed because of their content stay failed, unless the dataset's settings may have been the reason.
   * @returns how many.
   */
  async requeueDataset(tx: Transaction, tenantId: string, datasetId: string, generation: number): Promise<number> {
    await tx.$executeRaw`
      update ingestions set state = 'stored', stage = null, percent = 0, error_code = null, error_message = null, queued_at = null, round_start = attempts,
             generation = ${generation}, updated_at = now()
       where tenant_id = ${tenantId} and dataset_id = ${datasetId} and not is_own
         and (state <> 'failed' or error_code = any (${mayPass}::text[]))`;
    return tx.$executeRaw`
      update files set state = 'stored', stage = null, percent = 0, error_code = null, error_message = null, queued_at = null, round_start = attempts,
             generation = ${generation}, updated_at = now()
       where tenant_id = ${tenantId} and dataset_id = ${datasetId}
         and (state <> 'failed' or error_code = any (${mayPass}::text[]))`;
  }

  private page(
    tx: Transaction,
    where: Prisma.FileWhereInput & { tenantId: string },
    query: ListQuery,
    shown: Prisma.FileWhereInput = where,
  ): Promise<RowPage<FileRecord>> {
    return readPage(query, {
      find: (id) => tx.file.findFirst({ where: { ...where, id }, select: { id: true, createdAt: true } }),
      list: (page) =>
        tx.file.findMany({ where: { ...shown, ...page.where }, include: withNames, orderBy: page.orderBy, take: page.take }),
    });
  }
}
