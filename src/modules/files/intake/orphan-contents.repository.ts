import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../../platform/database/platform-database.js';

const existing = `
  select storage_key as key from files where (tenant_id, id) in (select * from unnest($1::text[], $2::text[]))
   union all
  select storage_key from content_holds where (tenant_id, storage_key) in (select * from unnest($1::text[], $3::text[]))
   union all
  select storage_key from upload_parts where (tenant_id, storage_key) in (select * from unnest($1::text[], $3::text[]))`;

/** Which contents of all tenants have a row, for the sweep. */
@Injectable()
export class OrphanContentsRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** Those of the keys under which the contents of files with a row stand, of parts of uploads, or that somebody holds. */
  async existing(
    contents: readonly { readonly tenantId: string; readonly id: string; readonly key: string }[],
  ): Promise<ReadonlySet<string>> {
    const values = [contents.map(({ tenantId }) => tenantId), contents.map(({ id }) => id), contents.map(({ key }) => key)];
    const { rows } = await this.database.runSql((client) => client.query<{ key: string }>(existing, values));
    return new Set(rows.map(({ key }) => key));
  }
}
