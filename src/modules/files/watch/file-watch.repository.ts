import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../../platform/database/platform-database.js';
import type { WatchedRow } from '../../../platform/database/row-watch.js';
import type { FileProgress } from '../record/file-record.js';

/** What the watch compares: the file's progress, of one tenant each. */
export interface WatchedProgress extends WatchedRow, FileProgress {}

const select = `
  select tenant_id as "tenantId", id, state, stage, percent, attempts from files
   where (tenant_id, id) in (select * from unnest($1::text[], $2::text[]))`;

/** Reads the progress of files that callers wait for, of all tenants in one statement. */
@Injectable()
export class FileWatchRepository {
  constructor(private readonly database: PlatformDatabase) {}

  async read(files: readonly WatchedRow[]): Promise<WatchedProgress[]> {
    const values = [files.map(({ tenantId }) => tenantId), files.map(({ id }) => id)];
    return this.database.runSql(async (client) => (await client.query<WatchedProgress>(select, values)).rows);
  }
}
