import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';

/** A secret that was found, and whose it is. */
export type FoundSecret =
  | { readonly kind: 'key'; readonly tenantId: string; readonly id: string; readonly lastFour: string }
  | { readonly kind: 'admin_token'; readonly tenantId: string; readonly id: string }
  | { readonly kind: 'operator_token'; readonly id: string };

/** Remembers reports, and finds whose secrets they name. */
@Injectable()
export class LeakReportsRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** Whether a report was worked off before. */
  async isKnown(digest: string): Promise<boolean> {
    return this.database.runSql(async (client) => {
      const { rowCount } = await client.query('select 1 from leak_reports where digest = $1', [digest]);
      return rowCount === 1;
    });
  }

  /** Remembers a report that was worked off. */
  async remember(digest: string): Promise<void> {
    await this.database.runSql((client) =>
      client.query('insert into leak_reports (digest) values ($1) on conflict do nothing', [digest]),
    );
  }

  /** Whose secrets have these hashes, by the hash; those of nobody are left out. */
  async find(hashes: readonly string[]): Promise<ReadonlyMap<string, FoundSecret>> {
    return this.database.runSql(async (client) => {
      const { rows } = await client.query<FoundSecret & { readonly hash: string }>(
        `select hash, 'key' as kind, tenant_id as "tenantId", key_id as id, last_four as "lastFour" from key_secrets where hash = any($1)
         union all select hash, 'admin_token', tenant_id, id, '' from admin_tokens where hash = any($1)
         union all select hash, 'operator_token', null, id, '' from operator_tokens where hash = any($1)`,
        [hashes],
      );
      return new Map(rows.map((row) => [row.hash, row]));
    });
  }
}
