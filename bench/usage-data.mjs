const keys = 20;
const names = 2;

/** How many calls of each hour in which a day of Asia/Kolkata begins, and of the first and last day, stand there one by one. */
export const callsAnHour = 1_140;

const measures = `calls, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, total_tokens, audio_ms,
  input_characters, images, cost, charge`;

/** Each key calls each name in each hour; one row in twenty is of calls that failed, and one of another model. */
const fillHours = `
  insert into usage_hourly (tenant_id, hour, key_id, endpoint, route, state, connection_id, model, currency, ${measures})
  select 'ten_bench', hour, 'key_' || key, 'name-' || name, 'chat.completions.create', state, 'con_' || model, 'model-' || model,
         'USD', calls, calls * 900, calls * 100, calls * 50, calls * 200, 0, calls * 1100, 0, 0, 0, calls * 4000, calls * 5000
    from generate_series(to_timestamp($1), to_timestamp($2) - interval '1 hour', interval '1 hour') hour,
         generate_series(1, ${keys}) key, generate_series(1, ${names}) name,
         lateral (select 'completed' as state, name as model, $3::bigint as calls union all
                  select 'upstream_failed', name, 1 where (key + name + extract(hour from hour)::int) % 20 = 0 union all
                  select 'completed', 3, 2 where (key + name + extract(hour from hour)::int) % 20 = 7) made`;

const fillDays = `
  insert into usage_daily (tenant_id, day, key_id, endpoint, route, state, connection_id, model, currency, ${measures})
  select tenant_id, date_trunc('day', hour, 'UTC'), key_id, endpoint, route, state, connection_id, model, currency,
         ${measures.split(',').map((name) => `sum(${name})`)}
    from usage_hourly group by 1, 2, 3, 4, 5, 6, 7, 8, 9`;

/** What two thousand calls of the last hour, one in a batch each, have not been added up to yet. */
const fillOpen = `
  insert into usage_open (tenant_id, hour, key_id, endpoint, route, state, connection_id, model, currency, ${measures})
  select tenant_id, hour, key_id, endpoint, route, state, connection_id, model, currency, 1, 900, 100, 50, 200, 0, 1100, 0, 0, 0, 4000, 5000
    from usage_hourly, generate_series(1, 50) where hour = to_timestamp($1) - interval '1 hour' order by random() limit 2000`;

/** Calls that a page may have to read one by one, without the triggers that sum them. */
const fillCalls = `
  insert into usage_events (tenant_id, id, request_id, key_id, route, endpoint, connection_id, model, status, state, source, stream,
                            input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, total_tokens, latency_ms, first_token_ms,
                            cost, charge, currency, created_at)
  select 'ten_bench', 'use_' || at || '_' || extract(epoch from hour), 'req_' || at, 'key_' || (1 + at % ${keys}), 'chat.completions.create',
         'name-' || (1 + at % ${names}), 'con_1', 'model-1', 200, 'completed', 'upstream', true, 900, 100, 50, 200, 0, 1100, 1200, 300,
         4000, 5000, 'USD', hour + at * interval '3 seconds'
    from generate_series(to_timestamp($1), to_timestamp($2) - interval '1 hour', interval '1 hour') hour,
         generate_series(1, ${callsAnHour}) at
   where extract(hour from hour at time zone 'UTC') = 18 or hour < to_timestamp($1) + interval '1 day'
      or hour >= to_timestamp($2) - interval '1 day'`;

/** Four members have made the keys. */
const fillAudit = `
  insert into audit (tenant_id, id, actor, actor_role, request_id, action, kind, object_id, changes)
  select 'ten_bench', 'aud_k' || key, 'token (adt_' || key % 4 || ')', 'owner', 'req_1', 'create', 'key', 'key_' || key, '{}'::jsonb
    from generate_series(1, ${keys}) key
   union all
  select 'ten_bench', 'aud_t' || token, 'owner (adt_owner)', 'owner', 'req_1', 'create', 'admin_token', 'adt_' || token,
         jsonb_build_object('member', 'mem_' || token) from generate_series(0, 3) token`;

/**
 * Fills the tables of a year's usage, without all its calls. @param since first moment, and `until` the one after the last, in
 * seconds. @returns how many rows of sums there are.
 */
export async function fillUsage(client, { since, until, calls }) {
  await client.query(`insert into tenants (id, slug, name) values ('ten_bench', 'bench', 'bench')`);
  const rows = ((until - since) / 3_600) * keys * names;
  await client.query(fillHours, [since, until, Math.max(1, Math.round(calls / rows))]);
  await client.query(fillDays);
  await client.query(fillOpen, [until]);
  await client.query(fillAudit);
  await client.query('alter table usage_events disable trigger user');
  await client.query(fillCalls, [since, until]);
  await client.query('alter table usage_events enable trigger user');
  await client.query('vacuum analyze usage_hourly, usage_daily, usage_open, usage_events');
  const counts = await client.query(`
    select (select count(*)::int from usage_hourly) as hourly, (select count(*)::int from usage_daily) as daily,
           (select count(*)::int from usage_open) as open`);
  return counts.rows[0];
}
