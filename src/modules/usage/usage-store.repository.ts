import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { PlatformDatabase } from '../../platform/database/platform-database.js';
import { storedColumns } from '../../platform/journal/call-record.js';
import { measures, sumKeys } from './usage-sums.js';

const columns = storedColumns.map(({ name }) => name).join(', ');

/** Older and later moments stand in the default partition for good: some clock was wrong. */
const monthsOfDefault = `
  select distinct date_trunc('month', created_at, 'UTC') as month from usage_events_default
   where created_at >= now() - interval '10 years' and created_at < now() + interval '1 year' order by 1`;

const monthsAhead = `
  select date_trunc('month', now(), 'UTC') + n * interval '1 month' as month from generate_series(0, $1::integer) n`;

const monthsOfTenant = `
  select generate_series(date_trunc('month', greatest(min(created_at), now() - interval '10 years'), 'UTC'),
                         date_trunc('month', now(), 'UTC'), interval '1 month') as month
    from usage where tenant_id = $1`;

/** One process adds up at a time: the sums of hours and of days are rows that others would take in another order. */
const addingUp = 'select pg_advisory_xact_lock(72707373)';

/** As the drain does it: they are not deleted under their sums. */
const lockTenants = `
  select id from tenants where id in (select distinct tenant_id from usage_open) order by id for key share`;

const addUp = `
  with gone as (
    delete from usage_open where (tenant_id, seq) in (
      select tenant_id, seq from usage_open where tenant_id = any ($2) order by seq limit $1)
    returning *),
  hours as (${addedTo('usage_hourly', 'hour', 'hour')}),
  days as (${addedTo('usage_daily', 'day', "date_trunc('day', hour, 'UTC')")})
  select count(*)::integer as count from gone`;

function addedTo(table: string, time: string, moment: string): string {
  const key = ['tenant_id', time, ...sumKeys];
  const given = ['tenant_id', moment, ...sumKeys, ...measures.map((name) => `sum(${name})`)];
  return `
    insert into ${table} as s (${[...key, ...measures].join(', ')})
    select ${given.join(', ')} from gone group by ${key.map((_name, at) => at + 1).join(', ')}
    on conflict (${key.join(', ')}) do update set ${measures.map((name) => `${name} = s.${name} + excluded.${name}`).join(', ')}`;
}

/** `before` goes to and fro as text: it may be infinite. */
const nextUnmoved = `
  select tenant_id as "tenantId", before::text, before_id as "beforeId" from usage_unmoved
   order by tenant_id limit 1 for update skip locked`;

const bringOver = `
  with batch as materialized (
    select ${columns} from usage where tenant_id = $1 and (created_at, id) < ($2::timestamptz, $3)
     order by created_at desc, id desc limit $4),
  moved as (
    insert into usage_events (${columns}) select ${columns} from batch order by created_at, id
    on conflict (tenant_id, created_at, id) do nothing)
  select count(*) over ()::integer as count, created_at::text as before, id as "beforeId" from batch order by created_at, id limit 1`;

interface Place {
  readonly tenantId: string;
  readonly before: string;
  readonly beforeId: string;
}

/** Keeps the tables of usage in shape: months, sums by hours and days, and what is still to be brought over from an older release. */
@Injectable()
export class UsageStoreRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** The months, by a moment in each, for which partitions should be there: this one, some ahead, and those of stray rows. */
  async wantedMonths(ahead: number): Promise<Date[]> {
    return this.database.runSql(async (client) => [
      ...(await months(client, monthsAhead, [ahead])),
      ...(await months(client, monthsOfDefault, [])),
    ]);
  }

  /**
   * Makes the partition of a month and moves into it what the default partition has of it; false when it was there.
   * @throws Error of the database when others hold the default partition for a second.
   */
  async makeMonth(moment: Date): Promise<boolean> {
    return this.database.runSql((client) => makeMonth(client, moment));
  }

  /** Adds up to `limit` open sums to their hours and days; returns how many. */
  async addUp(limit: number): Promise<number> {
    return this.database.runSql(async (client) => {
      await client.query(addingUp);
      const tenants = await client.query<{ id: string }>(lockTenants);
      const { rows } = await client.query<{ count: number }>(addUp, [limit, tenants.rows.map(({ id }) => id)]);
      return rows[0]?.count ?? 0;
    });
  }

  /** Brings up to `limit` rows of one tenant over, the newest first; false when no tenant is left, or others are at work on all. */
  async bringOver(limit: number): Promise<boolean> {
    return this.database.runSql(async (client) => {
      const { rows } = await client.query<Place>(nextUnmoved);
      const [place] = rows;
      if (place === undefined) return false;
      if (place.before === 'infinity') {
        for (const month of await months(client, monthsOfTenant, [place.tenantId])) await makeMonth(client, month);
      }
      await bringOverOf(client, place, limit);
      return true;
    });
  }
}

async function months(client: pg.PoolClient, sql: string, values: readonly unknown[]): Promise<Date[]> {
  const { rows } = await client.query<{ month: Date }>(sql, [...values]);
  return rows.map(({ month }) => month);
}

async function makeMonth(client: pg.PoolClient, moment: Date): Promise<boolean> {
  const { rows } = await client.query<{ made: boolean }>('select gt_make_usage_month($1) as made', [moment]);
  return rows[0]?.made === true;
}

async function bringOverOf(client: pg.PoolClient, { tenantId, before, beforeId }: Place, limit: number): Promise<void> {
  const { rows } = await client.query<{ count: number; before: string; beforeId: string }>(bringOver, [
    tenantId,
    before,
    beforeId,
    limit,
  ]);
  const [last] = rows;
  if (last === undefined || last.count < limit) await client.query('delete from usage_unmoved where tenant_id = $1', [tenantId]);
  else {
    await client.query('update usage_unmoved set before = $2::timestamptz, before_id = $3 where tenant_id = $1', [
      tenantId,
      last.before,
      last.beforeId,
    ]);
  }
}
