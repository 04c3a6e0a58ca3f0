import { Injectable } from '@nestjs/common';
import { TenantDatabase } from '../../../platform/database/tenant-database.js';
import type { PassageTarget } from './passage-targets.repository.js';

/** A store as a search needs it. */
export interface StoreRow extends PassageTarget {
  readonly alias: string;
}

/** Reads what requests name as stores to search. */
@Injectable()
export class SearchedStoresRepository {
  constructor(private readonly database: TenantDatabase) {}

  /** The tenant's stores of these ids; those that are not there are left out. */
  async find(tenantId: string, ids: readonly string[]): Promise<StoreRow[]> {
    const rows = await this.database.run(tenantId, (tx) =>
      tx.dataset.findMany({
        where: { tenantId, id: { in: [...ids] } },
        select: { id: true, alias: true, model: true, connectionId: true },
      }),
    );
    return rows.map(({ id, alias, model, connectionId }) => ({
      kind: 'dataset',
      id,
      alias,
      embeddingModel: model,
      connectionId,
    }));
  }
}
