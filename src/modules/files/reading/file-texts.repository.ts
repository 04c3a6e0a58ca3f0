import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../../platform/database/tenant-database.js';
import type { PassageText } from './joined-text.js';

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
}
