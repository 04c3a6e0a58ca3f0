import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';
import { RequestDaysRepository } from './request-days.repository.js';
import type { DropReason } from './request-drops.js';
import type { RequestBlock } from './request-block.js';
import { requestColumns } from './request-record.js';

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

/** Nobody waits for a row of the log, but usage is written beside it. Who drops days holds the log for up to a second and a half. */
const impatient = 'set local statement_timeout = 5000; set local lock_timeout = 2000';

/** Writes the rows of all tenants. */
@Injectable()
export class RequestWriterRepository {
  constructor(
    private readonly database: PlatformDatabase,
    private readonly days: RequestDaysRepository,
  ) {}

  /**
   * Writes rows, each once however often it is given, and how many were left out before. A day without a partition gets one.
   * @returns how many rows are new. @throws Error of the database, also when it takes more than five seconds; then nothing is written.
   */
  write(blocks: readonly RequestBlock[], dropped: ReadonlyMap<DropReason, number>): Promise<number> {
    const firstMs = Math.min(...blocks.map((block) => block.firstMs));
    const lastMs = Math.max(...blocks.map((block) => block.lastMs));
    return this.days.inDays('log', firstMs, lastMs, () =>
      this.database.runSql(async (client) => {
        await client.query(impatient);
        const { rowCount } = await client.query(insertRows, [`[${blocks.map(({ rows }) => rows).join(',')}]`]);
        if (dropped.size > 0) await client.query(addDrops, [[...dropped.keys()], [...dropped.values()]]);
        return rowCount ?? 0;
      }),
    );
  }
}
