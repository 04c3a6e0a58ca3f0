import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { PlatformDatabase } from '../../platform/database/platform-database.js';
import type { DropReason } from './request-drops.js';
import { momentOf, requestColumns } from './request-record.js';

const casts = {
  text: '',
  'text or null': '',
  boolean: '::boolean',
  integer: '::integer',
  'integer or null': '::integer',
  'amount or null': '::bigint',
} as const;

const names = requestColumns.map(({ name }) => name).join(', ');

const given = requestColumns.map(({ name, type }, place) =>
  type === 'milliseconds'
    ? `to_timestamp((v ->> ${place})::float8 / 1000) as ${name}`
    : `(v ->> ${place})${casts[type]} as ${name}`,
);

/** The tenants are locked, so that they are not deleted under the rows; calls of a tenant that is gone are left out. */
const insertRows = `
  with given as materialized (select ${given.join(', ')} from jsonb_array_elements($1::jsonb) as v),
  living as materialized (
    select id as living_id from tenants where id in (select tenant_id from given) order by id for key share)
  insert into request_log (${names}) select ${names} from given join living on living_id = tenant_id
  on conflict do nothing`;

const addDrops = `
  insert into request_log_drops as d (day, reason, rows, last_at)
  select date_trunc('day', now(), 'UTC'), reason, rows, now() from unnest($1::text[], $2::bigint[]) as new (reason, rows) order by 2
  on conflict (day, reason) do update set rows = d.rows + excluded.rows, last_at = excluded.last_at`;

/** Nobody waits for a row of the log, but usage is written beside it. */
const impatient = 'set local statement_timeout = 5000; set local lock_timeout = 1000';

const dayMs = 86_400_000;
/** A row finds no partition (check_violation). */
const noPartition = '23514';

/** Writes the rows of all tenants. */
@Injectable()
export class RequestWriterRepository {
  /** Days, counted from 1970, of which a partition was seen. */
  private readonly days = new Set<number>();

  constructor(private readonly database: PlatformDatabase) {}

  /**
   * Writes rows, each once however often it is given, and how many were left out before. A day without a partition gets one.
   * @returns how many rows are new. @throws Error of the database, also when it takes more than five seconds; then nothing is written.
   */
  async write(texts: readonly string[], dropped: ReadonlyMap<DropReason, number>): Promise<number> {
    try {
      return await this.writeNow(texts, dropped);
    } catch (error) {
      if ((error as { code?: unknown }).code !== noPartition) throw error;
      // Somebody has dropped it meanwhile.
      this.days.clear();
      return this.writeNow(texts, dropped);
    }
  }

  private async writeNow(texts: readonly string[], dropped: ReadonlyMap<DropReason, number>): Promise<number> {
    await this.makeDays(texts);
    return this.database.runSql(async (client) => {
      await client.query(impatient);
      const { rowCount } = await client.query(insertRows, [`[${texts.join(',')}]`]);
      if (dropped.size > 0) await client.query(addDrops, [[...dropped.keys()], [...dropped.values()]]);
      return rowCount ?? 0;
    });
  }

  private async makeDays(texts: readonly string[]): Promise<void> {
    for (const text of texts) {
      const day = Math.floor(momentOf(text) / dayMs);
      if (this.days.has(day)) continue;
      await this.database.runSql((client) => makeDay(client, day));
      this.days.add(day);
    }
  }
}

/** Makes the partition of a day, counted from 1970; false when it is there. */
export async function makeDay(client: pg.PoolClient, day: number): Promise<boolean> {
  const date = new Date(day * dayMs).toISOString().slice(0, 10);
  const { rows } = await client.query<{ made: boolean }>('select gt_make_request_day($1::date) as made', [date]);
  return rows[0]?.made === true;
}
