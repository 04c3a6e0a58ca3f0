-- What calls take beside tokens: sound, characters, images. A process of the release before leaves it empty.
ALTER TABLE "usage" ADD COLUMN "audio_ms" INTEGER, ADD COLUMN "input_characters" INTEGER, ADD COLUMN "images" INTEGER, ADD COLUMN "image_size" TEXT;
ALTER TABLE "usage_events" ADD COLUMN "audio_ms" INTEGER, ADD COLUMN "input_characters" INTEGER, ADD COLUMN "images" INTEGER, ADD COLUMN "image_size" TEXT;

-- Sums. The release before adds to rows without naming these columns.
ALTER TABLE "usage_hours" ADD COLUMN "audio_ms" BIGINT NOT NULL DEFAULT 0, ADD COLUMN "input_characters" BIGINT NOT NULL DEFAULT 0, ADD COLUMN "images" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "usage_hours_open" ADD COLUMN "audio_ms" BIGINT NOT NULL DEFAULT 0, ADD COLUMN "input_characters" BIGINT NOT NULL DEFAULT 0, ADD COLUMN "images" BIGINT NOT NULL DEFAULT 0;

CREATE OR REPLACE FUNCTION gt_add_usage_hours() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO usage_hours_open (tenant_id, hour, key_id, endpoint, route, state, calls, input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, total_tokens, audio_ms, input_characters, images)
    SELECT tenant_id, gt_usage_hour(created_at), key_id, endpoint, route, state, count(*), sum(input_tokens), sum(cached_input_tokens), sum(output_tokens), sum(reasoning_tokens), sum(total_tokens),
           coalesce(sum(audio_ms), 0), coalesce(sum(input_characters), 0), coalesce(sum(images), 0)
      FROM fresh GROUP BY 1, 2, 3, 4, 5, 6;
  RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION gt_change_usage_hours() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO usage_hours_open (tenant_id, hour, key_id, endpoint, route, state, calls, input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, total_tokens, audio_ms, input_characters, images)
    SELECT tenant_id, gt_usage_hour(created_at), key_id, endpoint, route, state, sum(sign), sum(sign * input_tokens), sum(sign * cached_input_tokens), sum(sign * output_tokens), sum(sign * reasoning_tokens), sum(sign * total_tokens),
           coalesce(sum(sign * audio_ms), 0), coalesce(sum(sign * input_characters), 0), coalesce(sum(sign * images), 0)
      FROM (SELECT fresh.*, 1 AS sign FROM fresh UNION ALL SELECT former.*, -1 FROM former) changed
     GROUP BY 1, 2, 3, 4, 5, 6;
  RETURN NULL;
END
$$;

-- A job takes rows out of `usage_hours_open` and adds them to their hours within one statement. The job of the release before
-- does not know the new sums: they are added here, for both releases.
CREATE FUNCTION gt_add_up_media() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE usage_hours h
     SET audio_ms = h.audio_ms + summed.audio_ms, input_characters = h.input_characters + summed.input_characters, images = h.images + summed.images
    FROM (SELECT tenant_id, hour, key_id, endpoint, route, state, sum(audio_ms) AS audio_ms, sum(input_characters) AS input_characters, sum(images) AS images
            FROM gone GROUP BY 1, 2, 3, 4, 5, 6) summed
   WHERE (summed.audio_ms <> 0 OR summed.input_characters <> 0 OR summed.images <> 0)
     AND (h.tenant_id, h.hour, h.key_id, h.endpoint, h.route, h.state)
       = (summed.tenant_id, summed.hour, summed.key_id, summed.endpoint, summed.route, summed.state);
  RETURN NULL;
END
$$;
CREATE TRIGGER usage_hours_open_added_up AFTER DELETE ON "usage_hours_open" REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION gt_add_up_media();

CREATE OR REPLACE FUNCTION gt_copy_usage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO usage_events (
      tenant_id, id, request_id, key_id, route, endpoint, connection_id, model, status, state, source, stream,
      input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, total_tokens, latency_ms, first_token_ms,
      upstream_status, audio_ms, input_characters, images, image_size, created_at)
    SELECT
      tenant_id, id, request_id, key_id, route, endpoint, connection_id, model, status, state, source, stream,
      input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, total_tokens, latency_ms, first_token_ms,
      upstream_status, audio_ms, input_characters, images, image_size, created_at
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
      image_size = excluded.image_size
      WHERE usage_events.state = 'interrupted' AND excluded.state <> 'interrupted';
  RETURN NULL;
END
$$;
