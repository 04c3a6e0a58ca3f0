import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { PlatformDatabase } from '../../platform/database/platform-database.js';
import { recordColumns } from '../../platform/journal/call-record.js';

const columns = recordColumns.map(({ name }) => name).join(', ');

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

/** Rows that others add up just now are left to them. */
const addUpCalls = `
  with gone as (
    delete from usage_hours_open where (tenant_id, seq) in (
      select tenant_id, seq from usage_hours_open order by seq limit $1 for update skip locked)
    returning *),
  summed as (
    select tenant_id, hour, key_id, endpoint, route, state, sum(calls) as calls, sum(input_tokens) as input_tokens,
           sum(cached_input_tokens) as cached_input_tokens, sum(output_tokens) as output_tokens,
           sum(reasoning_tokens) as reasoning_tokens, sum(total_tokens) as total_tokens
      from gone group by 1, 2, 3, 4, 5, 6),
  added as (
    insert into usage_hours as h (tenant_id, hour, key_id, endpoint, route, state, calls, input_tokens, cached_input_tokens,
                                  output_tokens, reasoning_tokens, total_tokens)
    select * from summed order by 1, 2, 3, 4, 5, 6
    on conflict (tenant_id, hour, key_id, endpoint, route, state) do update set calls = h.calls + excluded.calls,
      input_tokens = h.input_tokens + excluded.input_tokens, output_tokens = h.output_tokens + excluded.output_tokens,
      cached_input_tokens = h.cached_input_tokens + excluded.cached_input_tokens,
      reasoning_tokens = h.reasoning_tokens + excluded.reasoning_tokens, total_tokens = h.total_tokens + excluded.total_tokens)
  select count(*)::integer as count from gone`;

const addUpAmounts = `
  with gone as (
    delete from usage_amounts_open where (tenant_id, seq) in (
      select tenant_id, seq from usage_amounts_open order by seq limit $1 for update skip locked)
    returning *),
  summed as (
    select tenant_id, hour, key_id, endpoint, route, state, connection_id, model, currency, sum(calls) as calls, sum(cost) as cost,
           sum(charge) as charge
      from gone group by 1, 2, 3, 4, 5, 6, 7, 8, 9),
  added as (
    insert into usage_amounts as a (tenant_id, hour, key_id, endpoint, route, state, connection_id, model, currency, calls, cost, charge)
    select * from summed order by 1, 2, 3, 4, 5, 6, 7, 8, 9
    on conflict (tenant_id, hour, key_id, endpoint, route, state, connection_id, model, currency) do update set
      calls = a.calls + excluded.calls, cost = a.cost + excluded.cost, charge = a.charge + excluded.charge)
  select count(*)::integer as count from gone`;

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

/** Keeps the tables of usage in shape: months, sums by hours, and what is still to be brought over from an older release. */
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

  /** Adds up to `limit` open sums to their hours; returns how many. */
  async addUpHours(limit: number): Promise<number> {
    return this.addUp(addUpCalls, limit);
  }

  /** The same for the sums of amounts. */
  async addUpAmounts(limit: number): Promise<number> {
    return this.addUp(addUpAmounts, limit);
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

  private async addUp(sql: string, limit: number): Promise<number> {
    return this.database.runSql(async (client) => {
      const { rows } = await client.query<{ count: number }>(sql, [limit]);
      return rows[0]?.count ?? 0;
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
