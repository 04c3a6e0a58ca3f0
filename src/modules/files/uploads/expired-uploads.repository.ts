import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../../platform/database/platform-database.js';
import { runSeconds } from './upload-record.js';

/** One that a living call makes a file of is not expired yet. */
const expire = `
  with old as (select tenant_id, id from uploads where state = 'pending' and expires_at <= now()
                  and (beat_at is null or beat_at < now() - make_interval(secs => ${runSeconds}))
                order by expires_at limit $1 for update skip locked),
       ended as (update uploads u set state = 'expired', run = null, beat_at = null from old
                  where u.tenant_id = old.tenant_id and u.id = old.id returning u.tenant_id, u.id),
       gone as (delete from upload_parts p using ended e where p.tenant_id = e.tenant_id and p.upload_id = e.id
                returning p.storage_key as key)
  select (select count(*)::int from ended) as ended, coalesce((select array_agg(key) from gone), '{}') as keys`;

const forget = `
  delete from uploads where (tenant_id, id) in
    (select tenant_id, id from uploads where state <> 'pending' and created_at < now() - interval '30 days' limit $1)`;

/** Uploads of all tenants whose time is over. */
@Injectable()
export class ExpiredUploadsRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** Ends up to `limit` of them. @returns how many, and where the contents of their parts lie. */
  async expire(limit: number): Promise<{ readonly ended: number; readonly keys: readonly string[] }> {
    return this.database.runSql(async (client) => {
      const { rows } = await client.query<{ ended: number; keys: string[] }>(expire, [limit]);
      return rows[0] ?? { ended: 0, keys: [] };
    });
  }

  /** Forgets up to `limit` uploads that ended long ago; their files stay. @returns how many. */
  async forget(limit: number): Promise<number> {
    return this.database.runSql(async (client) => (await client.query(forget, [limit])).rowCount ?? 0);
  }
}
