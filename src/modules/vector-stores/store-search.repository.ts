import { Injectable } from '@nestjs/common';
import type { StoreFilter } from '../../contracts/vector-store-filters.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { Attributes } from './attachment-record.js';
import { filterSql } from './attribute-filter.js';

/** An ingestion as passages name it. */
interface FilteredFile {
  readonly fileId: string;
  /** Empty: the file's own. */
  readonly ingestionId: string;
}

/** Asks the files of stores for what a search needs of them. */
@Injectable()
export class StoreSearchRepository {
  /** The files of these stores whose attributes fulfil the filter. */
  async filtered(tx: Transaction, tenantId: string, storeIds: readonly string[], filter: StoreFilter): Promise<FilteredFile[]> {
    return tx.$queryRaw<FilteredFile[]>`
      select i.file_id as "fileId", case when i.is_own then '' else i.id end as "ingestionId" from ingestions i
       where i.tenant_id = ${tenantId} and i.dataset_id = any(${[...storeIds]}) and not i.leaving and i.state <> 'failed'
         and ${filterSql(filter)}`;
  }

  /** The attributes of these ingestions, by their ids. */
  async attributes(tx: Transaction, tenantId: string, ids: readonly string[]): Promise<ReadonlyMap<string, Attributes>> {
    const where = { tenantId, id: { in: [...ids] } };
    const rows = await tx.ingestion.findMany({ where, select: { id: true, attributes: true } });
    return new Map(rows.map(({ id, attributes }) => [id, attributes as Attributes]));
  }
}
