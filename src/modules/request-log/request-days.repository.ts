import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';
import { makeDay } from './request-writer.repository.js';

/** Each tenant looks along an index of its own rows, so nothing is read that stays. */
const deleteOld = `
  with old as materialized (
    select r.tenant_id, r.created_at, r.id from tenants t cross join lateral (
      select tenant_id, created_at, id from request_log
       where tenant_id = t.id and created_at < now() - make_interval(days => t.request_log_days)
       order by created_at limit $1) r
     where t.request_log_days is not null limit $1)
  delete from request_log r using old
   where r.tenant_id = old.tenant_id and r.created_at = old.created_at and r.id = old.id
     and r.created_at >= (select min(created_at) from old) and r.created_at <= (select max(created_at) from old)`;

/** Rows that were left out in the last day. */
const selectDrops = `
  select reason, rows::float8 as rows, last_at as "lastAt" from request_log_drops where last_at > now() - interval '1 day' order by rows desc`;

/** Rows that were left out on a day, for one reason. */
export interface DroppedRows {
  readonly reason: string;
  readonly rows: number;
  readonly lastAt: Date;
}

/** The partitions of the request log, of a day (UTC) each. Days are counted from 1970. */
@Injectable()
export class RequestDaysRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** False when it is there. */
  make(day: number): Promise<boolean> {
    return this.database.runSql((client) => makeDay(client, day));
  }

  /** Deletes up to `limit` rows that are older than their tenant keeps them; returns how many. */
  async deleteOld(limit: number): Promise<number> {
    return this.database.runSql(async (client) => (await client.query(deleteOld, [limit])).rowCount ?? 0);
  }

  /** What was left out in the last day, by day and reason. */
  async dropped(): Promise<DroppedRows[]> {
    return this.database.runSql(async (client) => (await client.query<DroppedRows>(selectDrops)).rows);
  }

  /** Forgets what was left out a year ago. */
  async forgetDrops(): Promise<void> {
    await this.database.runSql((client) =>
      client.query(`delete from request_log_drops where last_at < now() - interval '1 year'`),
    );
  }

  /**
   * Drops the oldest one from before a day; false when there is none.
   * @throws Error of the database when others read the log for a second.
   */
  dropBefore(moment: Date): Promise<boolean> {
    return this.database.runSql(async (client) => {
      const { rows } = await client.query<{ name: string | null }>('select gt_drop_request_day($1::date) as name', [
        moment.toISOString().slice(0, 10),
      ]);
      return rows[0]?.name != null;
    });
  }
}
