import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { SealedColumn, SealedRow } from './sealed-columns.js';

/** A row whose secret another key than the sealing one has sealed. */
export interface FormerlySealed extends SealedRow {
  readonly sealed: Buffer;
}

type Place = Pick<SealedColumn, 'table' | 'column'>;

/** The id of the key that sealed a value stands at its beginning: see KeyRing. */
const keyIdIn = (column: string): string =>
  `convert_from(substring("${column}" from 3 for get_byte(substring("${column}" from 2 for 1), 0)), 'LATIN1')`;

/** Reads and replaces sealed values of all tenants. Names of tables and columns come from the list of sealed columns alone. */
@Injectable()
export class SealingRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** Opens a transaction of the platform. */
  async change<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.database.run(work);
  }

  /** How many values of a column each key has sealed. */
  async countByKey({ table, column }: Place): Promise<ReadonlyMap<string, number>> {
    return this.database.runSql(async (client) => {
      const { rows } = await client.query<{ key: string; count: number }>(
        `select ${keyIdIn(column)} as key, count(*)::int as count from "${table}" where "${column}" is not null group by 1`,
      );
      return new Map(rows.map(({ key, count }) => [key, count]));
    });
  }

  /** The next rows, by tenant and id, that another key has sealed. */
  async page(
    { table, column, further }: SealedColumn,
    sealingKeyId: string,
    after: Pick<SealedRow, 'tenantId' | 'id'>,
    limit: number,
  ): Promise<readonly FormerlySealed[]> {
    return this.database.runSql(async (client) => {
      const { rows } = await client.query<FormerlySealed>(
        `select tenant_id as "tenantId", id, ${further === undefined ? "''" : `"${further}"`} as further, "${column}" as sealed
           from "${table}" where "${column}" is not null and ${keyIdIn(column)} <> $1 and (tenant_id, id) > ($2, $3)
          order by tenant_id, id limit $4`,
        [sealingKeyId, after.tenantId, after.id, limit],
      );
      return rows;
    });
  }

  /** Puts a value in the place of one, if it is still there: somebody may have set a new secret meanwhile. */
  async replace({ table, column }: Place, row: FormerlySealed, sealed: Buffer): Promise<boolean> {
    return this.database.runSql(async (client) => {
      const { rowCount } = await client.query(
        `update "${table}" set "${column}" = $1 where tenant_id = $2 and id = $3 and "${column}" = $4`,
        [sealed, row.tenantId, row.id, row.sealed],
      );
      return rowCount === 1;
    });
  }
}
