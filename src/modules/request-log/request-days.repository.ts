import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { PlatformDatabase } from '../../platform/database/platform-database.js';

/** Each tenant looks along an index of its own rows, so nothing is read that stays. @param days what each tenant keeps. */
const deleteOld = (table: string, days: string): string => `
  with old as materialized (
    select r.tenant_id, r.created_at, r.id from tenants t cross join lateral (
      select tenant_id, created_at, id from ${table}
       where tenant_id = t.id and created_at < now() - make_interval(days => ${days})
       order by created_at limit $1) r
     limit $1)
  delete from ${table} r using old
   where r.tenant_id = old.tenant_id and r.created_at = old.created_at and r.id = old.id
     and r.created_at >= (select min(created_at) from old) and r.created_at <= (select max(created_at) from old)`;

const deleteOldRows = deleteOld('request_log', 't.request_log_days');

const deleteOldBodies = deleteOld(
  'request_bodies',
  'case when t.request_body_days is null then 0 else least(t.request_body_days, t.request_log_days) end',
);

/** Rows that were left out in the last day. */
const selectDrops = `
  select reason, rows::float8 as rows, last_at as "lastAt" from request_log_drops where last_at > now() - interval '1 day' order by rows desc`;

/** Rows that were left out on a day, for one reason. */
export interface DroppedRows {
  readonly reason: string;
  readonly rows: number;
  readonly lastAt: Date;
}

/** What has a partition for each day. */
export type DayKind = 'log' | 'bodies';

/** With what the names of partitions begin. */
const letters: Readonly<Record<DayKind, string>> = { log: 'd', bodies: 'b' };

const dayMs = 86_400_000;
/** A row finds no partition (check_violation). */
const noPartition = '23514';

/** The partitions of the request log and of bodies, of a day (UTC) each, and what is older than it is kept. */
@Injectable()
export class RequestDaysRepository {
  /** Days, counted from 1970, of which partitions were seen. */
  private readonly seen = { log: new Set<number>(), bodies: new Set<number>() };

  constructor(private readonly database: PlatformDatabase) {}

  /** Makes the partition of a day, counted from 1970; false when it is there. */
  make(what: DayKind, day: number): Promise<boolean> {
    return this.database.runSql((client) => makeDay(client, what, day));
  }

  /**
   * Writes rows between two moments, in milliseconds since 1970: days without a partition get one before.
   * @param write is called once more when somebody has dropped one meanwhile.
   */
  async inDays<T>(what: DayKind, firstMs: number, lastMs: number, write: () => Promise<T>): Promise<T> {
    await this.ensure(what, firstMs, lastMs);
    try {
      return await write();
    } catch (error) {
      if ((error as { code?: unknown }).code !== noPartition) throw error;
      this.seen[what].clear();
      await this.ensure(what, firstMs, lastMs);
      return write();
    }
  }

  /** Deletes up to `limit` rows that are older than their tenant keeps them; returns how many. */
  deleteOld(limit: number): Promise<number> {
    return this.delete(deleteOldRows, limit);
  }

  /** The same of bodies; all of a tenant that keeps none any more. */
  deleteOldBodies(limit: number): Promise<number> {
    return this.delete(deleteOldBodies, limit);
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
   * Drops up to `most` of the oldest days of the log or of bodies from before a day; returns how many.
   * @throws Error of the database when others read them for a second.
   */
  dropBefore(what: DayKind, moment: Date, most: number): Promise<number> {
    return this.database.runSql(async (client) => {
      const { rows } = await client.query<{ dropped: number }>('select gt_drop_request_days($1, $2::date, $3) as dropped', [
        letters[what],
        moment.toISOString().slice(0, 10),
        most,
      ]);
      return rows[0]?.dropped ?? 0;
    });
  }

  private async ensure(what: DayKind, firstMs: number, lastMs: number): Promise<void> {
    const seen = this.seen[what];
    for (let day = Math.floor(firstMs / dayMs); day <= Math.floor(lastMs / dayMs); day += 1) {
      if (seen.has(day)) continue;
      await this.make(what, day);
      seen.add(day);
    }
  }

  private delete(sql: string, limit: number): Promise<number> {
    return this.database.runSql(async (client) => (await client.query(sql, [limit])).rowCount ?? 0);
  }
}

async function makeDay(client: pg.PoolClient, what: DayKind, day: number): Promise<boolean> {
  const date = new Date(day * dayMs).toISOString().slice(0, 10);
  const { rows } = await client.query<{ made: boolean }>('select gt_make_request_day($1, $2::date) as made', [
    letters[what],
    date,
  ]);
  return rows[0]?.made === true;
}
