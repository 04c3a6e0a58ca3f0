import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../../platform/database/platform-database.js';

const existing = `select storage_key as key from files where (tenant_id, id) in (select * from unnest($1::text[], $2::text[]))`;

/** Which contents of all tenants have a row, for the sweep. */
@Injectable()
export class OrphanContentsRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** The keys under which those of the files stand that have a row. */
  async existing(files: readonly { readonly tenantId: string; readonly id: string }[]): Promise<ReadonlySet<string>> {
    const values = [files.map(({ tenantId }) => tenantId), files.map(({ id }) => id)];
    const { rows } = await this.database.runSql((client) => client.query<{ key: string }>(existing, values));
    return new Set(rows.map(({ key }) => key));
  }
}
