import { Injectable } from '@nestjs/common';
import type { ListQuery, RowPage } from '../../contracts/lists.js';
import { newId } from '../../kernel/ids.js';
import { readPage } from '../../platform/database/cursor.js';
import type { Prisma } from '../../platform/database/generated/client.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { WaitingFile } from '../files/record/file-record.js';
import {
  cancelledCode,
  type AttachmentRecord,
  type AttachmentStatus,
  type Attributes,
  type NewAttachment,
} from './attachment-record.js';
import { live } from '../files/record/files.repository.js';
import type { FileRights } from './store-record.js';

const withStore = { dataset: { select: { chunkTokens: true, overlapTokens: true } } } as const;

/** Of files whose time is not over. */
const ofLive = (): Prisma.IngestionWhereInput => ({ file: live() });

/** Where files are attached, and on whose account. */
export interface AttachTo {
  readonly tenantId: string;
  readonly storeId: string;
  readonly keyId: string;
  readonly rights: FileRights;
  readonly batchId: string | null;
}

/** Which files of a store a list shows. */
export interface AttachmentFilter {
  readonly status?: AttachmentStatus | undefined;
  readonly batchId?: string;
}

/** The files of stores: the rows of their ingestions. Those that were taken away are not among them. */
@Injectable()
export class AttachmentsRepository {
  /** Those of the ids that are files of POST /files. They stay until the transaction ends. */
  async holdFiles(tx: Transaction, tenantId: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await tx.$queryRaw<{ id: string }[]>`
      select id from files
       where tenant_id = ${tenantId} and kind = 'file' and id = any(${[...ids]}) and (expires_at is null or expires_at > now())
       order by id for key share`;
    return new Set(rows.map(({ id }) => id));
  }

  /**
   * Attaches files. One that is attached already stays as it is, but for what is given anew: its attributes and its batch; it is
   * read again when it is to be cut in another way, or had come to no good end.
   * @returns those that wait for an attempt.
   */
  async attach(tx: Transaction, to: AttachTo, files: readonly NewAttachment[]): Promise<WaitingFile[]> {
    const { tenantId, storeId, keyId, batchId } = to;
    const rows = files.map(({ fileId, attributes, chunking }) => ({
      id: newId('ingestion'),
      file_id: fileId,
      attributes: attributes ?? null,
      chunk_tokens: chunking?.chunkTokens ?? null,
      overlap_tokens: chunking?.overlapTokens ?? null,
    }));
    return tx.$queryRaw<WaitingFile[]>`
      with given as (
        select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
                      g (id text, file_id text, attributes jsonb, chunk_tokens int, overlap_tokens int)),
      known as (
        select i.id, g.attributes, g.chunk_tokens, g.overlap_tokens, g.file_id,
               i.state = 'failed' or i.chunk_tokens is distinct from g.chunk_tokens
                 or i.overlap_tokens is distinct from g.overlap_tokens as anew
          from given g join ingestions i on i.tenant_id = ${tenantId} and i.file_id = g.file_id
           and i.target_kind = 'dataset' and i.target_id = ${storeId}
           for no key update of i),
      again as (
        update ingestions i
           set attributes = coalesce(k.attributes, case when i.leaving then '{}'::jsonb else i.attributes end),
               batch_id = coalesce(${batchId}, case when i.leaving then null else i.batch_id end),
               created_at = case when i.leaving then now() else i.created_at end,
               chunk_tokens = k.chunk_tokens, overlap_tokens = k.overlap_tokens, key_id = ${keyId}, leaving = false, updated_at = now(),
               state = case when k.anew then 'stored' else i.state end,
               stage = case when k.anew then null else i.stage end,
               percent = case when k.anew then 0 else i.percent end,
               error_code = case when k.anew then null else i.error_code end,
               error_message = case when k.anew then null else i.error_message end,
               queued_at = case when k.anew then null else i.queued_at end,
               round_start = case when k.anew then i.attempts else i.round_start end
          from known k
         where i.tenant_id = ${tenantId} and i.id = k.id
        returning i.tenant_id, i.id, i.file_id, i.attempts, i.state, i.stage),
      made as (
        insert into ingestions (tenant_id, id, file_id, target_kind, target_id, attributes, chunk_tokens, overlap_tokens, batch_id, key_id)
        select ${tenantId}, g.id, g.file_id, 'dataset', ${storeId}, coalesce(g.attributes, '{}'::jsonb), g.chunk_tokens,
               g.overlap_tokens, ${batchId}, ${keyId}
          from given g where not exists (select from known k where k.file_id = g.file_id)
        returning tenant_id, id, attempts)
      select tenant_id as "tenantId", id, attempts from made
      union all
      select tenant_id, id, attempts from again where state = 'stored' and stage is null`;
  }

  async count(tx: Transaction, tenantId: string, storeId: string): Promise<number> {
    return tx.ingestion.count({ where: { tenantId, datasetId: storeId, leaving: false } });
  }

  /** How many ingestions of the tenant's have not come to an end; counted no further than matters. */
  async countUnfinished(tx: Transaction, tenantId: string): Promise<number> {
    const [row] = await tx.$queryRaw<{ count: number }[]>`
      select count(*)::int as count from
        (select 1 from ingestions where tenant_id = ${tenantId} and not is_own and state not in ('ready', 'failed') limit 10000) as unfinished`;
    return row?.count ?? 0;
  }

  async find(tx: Transaction, tenantId: string, storeId: string, fileId: string): Promise<AttachmentRecord | null> {
    return tx.ingestion.findFirst({
      where: { tenantId, datasetId: storeId, fileId, leaving: false, ...ofLive() },
      include: withStore,
    });
  }

  async list(
    tx: Transaction,
    tenantId: string,
    storeId: string,
    { status, batchId }: AttachmentFilter,
    query: ListQuery,
  ): Promise<RowPage<AttachmentRecord>> {
    const all = { tenantId, datasetId: storeId, leaving: false, ...(batchId === undefined ? {} : { batchId }) };
    return readPage(query, {
      find: (fileId) => tx.ingestion.findFirst({ where: { ...all, fileId }, select: { id: true, createdAt: true } }),
      list: (page) =>
        tx.ingestion.findMany({
          where: { ...all, AND: [ofStatus(status), ofLive(), page.where] },
          include: withStore,
          orderBy: page.orderBy,
          take: page.take,
        }),
    });
  }

  /** @returns false when the store has no such file. */
  async setAttributes(
    tx: Transaction,
    tenantId: string,
    { storeId, fileId }: { readonly storeId: string; readonly fileId: string },
    attributes: Attributes,
  ): Promise<boolean> {
    const where = { tenantId, datasetId: storeId, fileId, leaving: false, isOwn: false };
    return (await tx.ingestion.updateMany({ where, data: { attributes } })).count > 0;
  }

  /**
   * Takes a file from a store: nobody finds it from the commit on, and a run that works on it stops.
   * @returns its ingestion, and how many passages are to be removed; null when the store has no such file.
   */
  async detach(
    tx: Transaction,
    tenantId: string,
    storeId: string,
    fileId: string,
  ): Promise<{ readonly id: string; readonly passages: number } | null> {
    const [row] = await tx.$queryRaw<{ id: string; passages: number }[]>`
      update ingestions set leaving = true, state = 'failed', error_code = ${cancelledCode}, error_message = null, stage = null, updated_at = now()
       where tenant_id = ${tenantId} and dataset_id = ${storeId} and file_id = ${fileId} and not is_own and not leaving
      returning id, passages`;
    return row ?? null;
  }

  /** Removes a file's ingestion that was taken from its store, with its passages, unless it was attached again. */
  async remove(tx: Transaction, tenantId: string, id: string): Promise<void> {
    await tx.ingestion.deleteMany({ where: { tenantId, id, leaving: true } });
  }

  /** Ends what has not come to an end, of a store or of one of its batches, as cancelled. */
  async cancel(tx: Transaction, tenantId: string, storeId: string, batchId?: string): Promise<void> {
    await tx.$executeRaw`
      update ingestions set state = 'failed', error_code = ${cancelledCode}, error_message = null, stage = null, updated_at = now()
       where tenant_id = ${tenantId} and dataset_id = ${storeId} and not is_own and state not in ('ready', 'failed')
         and (${batchId ?? null}::text is null or batch_id = ${batchId ?? null})`;
  }
}

function ofStatus(status: AttachmentStatus | undefined): Prisma.IngestionWhereInput {
  switch (status) {
    case undefined:
      return {};
    case 'completed':
      return { state: 'ready' };
    case 'cancelled':
      return { state: 'failed', errorCode: cancelledCode };
    case 'failed':
      return { state: 'failed', OR: [{ errorCode: null }, { errorCode: { not: cancelledCode } }] };
    case 'in_progress':
      return { state: { notIn: ['ready', 'failed'] } };
  }
}
