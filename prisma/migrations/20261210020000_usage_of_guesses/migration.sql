-- The same rule as for `usage`: the end of a call that was cut short replaces what was guessed of it, too.
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
      WHERE usage_events.state = 'interrupted' AND usage_events.source = 'none'
        AND NOT (excluded.state = 'interrupted' AND excluded.source = 'none');
  RETURN NULL;
END
$$;
