-- Tokens of input that were written to the provider's cache; null in a call: none, or written by a process that knows none. The
-- sums have them from here on.
ALTER TABLE "usage" ADD COLUMN "cache_write_tokens" INTEGER;
ALTER TABLE "usage_events" ADD COLUMN "cache_write_tokens" INTEGER;
ALTER TABLE "usage_open" ADD COLUMN "cache_write_tokens" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "usage_hourly" ADD COLUMN "cache_write_tokens" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "usage_daily" ADD COLUMN "cache_write_tokens" BIGINT NOT NULL DEFAULT 0;

CREATE OR REPLACE FUNCTION gt_copy_usage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO usage_events (
      tenant_id, id, request_id, key_id, route, endpoint, connection_id, model, status, state, source, stream,
      input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, total_tokens, latency_ms, first_token_ms,
      upstream_status, audio_ms, input_characters, images, image_size, provider_batch, cost, charge, currency,
      cache_write_tokens, created_at)
    SELECT
      tenant_id, id, request_id, key_id, route, endpoint, connection_id, model, status, state, source, stream,
      input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, total_tokens, latency_ms, first_token_ms,
      upstream_status, audio_ms, input_characters, images, image_size, provider_batch, cost, charge, currency,
      cache_write_tokens, created_at
      FROM fresh ORDER BY tenant_id, created_at, id
    ON CONFLICT (tenant_id, created_at, id) DO UPDATE SET
      request_id = excluded.request_id, key_id = excluded.key_id, route = excluded.route,
      endpoint = excluded.endpoint, connection_id = excluded.connection_id, model = excluded.model,
      status = excluded.status, state = excluded.state, source = excluded.source, stream = excluded.stream,
      input_tokens = excluded.input_tokens, cached_input_tokens = excluded.cached_input_tokens,
      output_tokens = excluded.output_tokens, reasoning_tokens = excluded.reasoning_tokens,
      total_tokens = excluded.total_tokens, latency_ms = excluded.latency_ms,
      first_token_ms = excluded.first_token_ms, upstream_status = excluded.upstream_status,
      audio_ms = excluded.audio_ms, input_characters = excluded.input_characters, images = excluded.images,
      image_size = excluded.image_size, provider_batch = excluded.provider_batch,
      cost = excluded.cost, charge = excluded.charge, currency = excluded.currency,
      cache_write_tokens = excluded.cache_write_tokens
      WHERE usage_events.state = 'interrupted' AND excluded.state <> 'interrupted';
  RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION gt_sum_added_usage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO usage_open (
      tenant_id, hour, key_id, endpoint, route, state, connection_id, model, currency, calls, input_tokens, cached_input_tokens,
      output_tokens, reasoning_tokens, total_tokens, audio_ms, input_characters, images, cost, charge, cache_write_tokens)
    SELECT tenant_id, gt_usage_hour(created_at), key_id, endpoint, route, state, connection_id, model, coalesce(currency, ''),
           count(*), sum(input_tokens), sum(cached_input_tokens), sum(output_tokens), sum(reasoning_tokens), sum(total_tokens),
           coalesce(sum(audio_ms), 0), coalesce(sum(input_characters), 0), coalesce(sum(images), 0), coalesce(sum(cost), 0),
           coalesce(sum(charge), 0), coalesce(sum(cache_write_tokens), 0)
      FROM fresh GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;
  RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION gt_sum_changed_usage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO usage_open (
      tenant_id, hour, key_id, endpoint, route, state, connection_id, model, currency, calls, input_tokens, cached_input_tokens,
      output_tokens, reasoning_tokens, total_tokens, audio_ms, input_characters, images, cost, charge, cache_write_tokens)
    SELECT tenant_id, gt_usage_hour(created_at), key_id, endpoint, route, state, connection_id, model, coalesce(currency, ''),
           sum(sign), sum(sign * input_tokens), sum(sign * cached_input_tokens), sum(sign * output_tokens),
           sum(sign * reasoning_tokens), sum(sign * total_tokens), coalesce(sum(sign * audio_ms), 0),
           coalesce(sum(sign * input_characters), 0), coalesce(sum(sign * images), 0), coalesce(sum(sign * cost), 0),
           coalesce(sum(sign * charge), 0), coalesce(sum(sign * cache_write_tokens), 0)
      FROM (SELECT fresh.*, 1 AS sign FROM fresh UNION ALL SELECT former.*, -1 FROM former) changed
     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;
  RETURN NULL;
END
$$;
