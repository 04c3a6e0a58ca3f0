/** What a few calls of the month have, and nobody else. */
export const rareAddress = '192.0.2.77';
export const rareCode = 'circuit_open';

/** One call in twenty is refused, half of them by limits; in a thousand one fails at its provider; ten in all are rare in every way. */
const fillRows = `
  insert into request_log (tenant_id, id, created_at, key_id, method, route, endpoint, status, error_code, aborted, latency_ms, entered_ms,
                           sent_ms, first_token_ms, input_tokens, output_tokens, total_tokens, cost, charge, currency, client_address,
                           client_agent, count, calls, logged_at)
  select 'ten_bench', 'req_' || lpad(at::text, 24, '0'), moment, case when rare then 'key_rare' else 'key_' || at % 20 end, 'POST',
         case when rare then 'files.create' else 'chat.completions.create' end, case when rare then 'rare' else 'name-' || at % 3 end,
         case when rare then 503 when at % 1000 = 1 then 502 when at % 37 = 0 then 429 when at % 41 = 0 then 404 else 200 end,
         case when rare then '${rareCode}' when at % 1000 = 1 then 'upstream_error' when at % 37 = 0 then 'rate_limit_exceeded'
              when at % 41 = 0 then 'model_not_found' end,
         false, 800 + at % 500, 1, 3, 200, 900, 200, 1100, 4000, 5000, 'USD',
         case when rare then '${rareAddress}' else '10.0.' || at % 7 || '.' || at % 200 end, 'OpenAI/JS 6.49.0', 1,
         'use_' || lpad(at::text, 24, '0'), moment
    from generate_series(1, $1::bigint) at,
         lateral (select date_trunc('milliseconds', now() - ($1 - at) * ($2 * interval '1 day' / $1)) as moment,
                         at % ($1 / 10) = 77 as rare) made`;

/** Fills the log of a tenant with `rows` calls of the last `days` days. */
export async function fillRequests(client, { rows, days }) {
  await client.query(`insert into tenants (id, slug, name) values ('ten_bench', 'bench', 'bench')`);
  await client.query(
    `select gt_make_request_day('d', ((now() - day * interval '1 day') at time zone 'UTC')::date) from generate_series(0, ${days}) day`,
  );
  await client.query(fillRows, [rows, days]);
  await client.query('vacuum analyze request_log');
}
