import { Injectable } from '@nestjs/common';
import type { ListPassagesQuery } from '../../../contracts/files.js';
import type { RowPage } from '../../../contracts/lists.js';
import type { Transaction } from '../../../platform/database/tenant-database.js';
import type { PassageText } from './joined-text.js';

/** A passage with its place in the file. */
export interface FilePassage extends PassageText {
  /** From 0. */
  readonly ordinal: number;
  readonly tokens: number;
}

/** The texts of files, as their own ingestion has cut them. */
@Injectable()
export class FileTextsRepository {
  /** How many bytes the passages of each of these files have; a file without any is not among them. */
  async sizes(tx: Transaction, tenantId: string, fileIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await tx.$queryRaw<{ id: string; bytes: bigint }[]>`
      select file_id as id, sum(octet_length(text))::bigint as bytes from chunks
       where tenant_id = ${tenantId} and file_id = any(${[...fileIds]}) and ingestion_id = '' group by file_id`;
    return new Map(rows.map(({ id, bytes }) => [id, Number(bytes)]));
  }

  /** The passages of a file in its order. */
  async passages(tx: Transaction, tenantId: string, fileId: string): Promise<PassageText[]> {
    return tx.chunk.findMany({
      where: { tenantId, fileId, ingestionId: '' },
      select: { text: true, source: true },
      orderBy: { ordinal: 'asc' },
    });
  }

  /** One page of them. A cursor is a place in the file; one that is none finds nothing. */
  async page(tx: Transaction, tenantId: string, fileId: string, query: ListPassagesQuery): Promise<RowPage<FilePassage>> {
    const { limit, after, before } = query;
    const isBack = after === undefined && before !== undefined;
    const cursor = after ?? before;
    if (cursor !== undefined && !/^\d{1,9}$/.test(cursor)) return { rows: [], hasMore: false };
    const rows = await tx.chunk.findMany({
      where: {
        ...{ tenantId, fileId, ingestionId: '' },
        ...(cursor === undefined ? {} : { ordinal: isBack ? { lt: Number(cursor) } : { gt: Number(cursor) } }),
      },
      select: { ordinal: true, text: true, tokens: true, source: true },
      orderBy: { ordinal: isBack ? 'desc' : 'asc' },
      take: limit + 1,
    });
    const page = rows.slice(0, limit);
    return { rows: isBack ? page.reverse() : page, hasMore: rows.length > limit };
  }
}
