-- Sums of calls: by hours, by days in UTC, and what is added up into neither yet. Each has all that calls can be put together
-- by, so that a year is a few rows for each key, name and model, and tokens and amounts come from the same rows. The currency is
-- empty where no price says. The release before writes `usage` alone, whose triggers lead here.
CREATE TABLE "usage_hourly" (
    "tenant_id" TEXT NOT NULL,
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "key_id" TEXT NOT NULL,
    "endpoint" TEXT NOT NULL,
    "route" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "connection_id" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "calls" BIGINT NOT NULL,
    "input_tokens" BIGINT NOT NULL,
    "cached_input_tokens" BIGINT NOT NULL,
    "output_tokens" BIGINT NOT NULL,
    "reasoning_tokens" BIGINT NOT NULL,
    "total_tokens" BIGINT NOT NULL,
    "audio_ms" BIGINT NOT NULL,
    "input_characters" BIGINT NOT NULL,
    "images" BIGINT NOT NULL,
    "cost" BIGINT NOT NULL,
    "charge" BIGINT NOT NULL,

    CONSTRAINT "usage_hourly_pkey" PRIMARY KEY ("tenant_id","hour","key_id","endpoint","route","state","connection_id","model","currency"),
    CONSTRAINT "usage_hourly_state_check" CHECK ("state" IN ('completed', 'client_closed', 'upstream_failed', 'interrupted'))
);
CREATE TABLE "usage_daily" (
    "tenant_id" TEXT NOT NULL,
    "day" TIMESTAMPTZ(3) NOT NULL,
    "key_id" TEXT NOT NULL,
    "endpoint" TEXT NOT NULL,
    "route" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "connection_id" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "calls" BIGINT NOT NULL,
    "input_tokens" BIGINT NOT NULL,
    "cached_input_tokens" BIGINT NOT NULL,
    "output_tokens" BIGINT NOT NULL,
    "reasoning_tokens" BIGINT NOT NULL,
    "total_tokens" BIGINT NOT NULL,
    "audio_ms" BIGINT NOT NULL,
    "input_characters" BIGINT NOT NULL,
    "images" BIGINT NOT NULL,
    "cost" BIGINT NOT NULL,
    "charge" BIGINT NOT NULL,

    CONSTRAINT "usage_daily_pkey" PRIMARY KEY ("tenant_id","day","key_id","endpoint","route","state","connection_id","model","currency"),
    CONSTRAINT "usage_daily_state_check" CHECK ("state" IN ('completed', 'client_closed', 'upstream_failed', 'interrupted'))
);
CREATE TABLE "usage_open" (
    "tenant_id" TEXT NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "key_id" TEXT NOT NULL,
    "endpoint" TEXT NOT NULL,
    "route" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "connection_id" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "calls" BIGINT NOT NULL,
    "input_tokens" BIGINT NOT NULL,
    "cached_input_tokens" BIGINT NOT NULL,
    "output_tokens" BIGINT NOT NULL,
    "reasoning_tokens" BIGINT NOT NULL,
    "total_tokens" BIGINT NOT NULL,
    "audio_ms" BIGINT NOT NULL,
    "input_characters" BIGINT NOT NULL,
    "images" BIGINT NOT NULL,
    "cost" BIGINT NOT NULL,
    "charge" BIGINT NOT NULL,

    CONSTRAINT "usage_open_pkey" PRIMARY KEY ("tenant_id","seq"),
    CONSTRAINT "usage_open_state_check" CHECK ("state" IN ('completed', 'client_closed', 'upstream_failed', 'interrupted'))
);
ALTER TABLE "usage_hourly" ADD CONSTRAINT "usage_hourly_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "usage_daily" ADD CONSTRAINT "usage_daily_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "usage_open" ADD CONSTRAINT "usage_open_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

SELECT gt_protect(name::regclass, 'SELECT') FROM unnest(ARRAY['usage_hourly', 'usage_daily', 'usage_open']) AS name;
GRANT USAGE ON SEQUENCE "usage_open_seq_seq" TO gt_platform;

-- Only ever appended to, so that writers never wait for each other. A change is told with both signs.
CREATE FUNCTION gt_sum_added_usage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO usage_open (
      tenant_id, hour, key_id, endpoint, route, state, connection_id, model, currency, calls, input_tokens, cached_input_tokens,
      output_tokens, reasoning_tokens, total_tokens, audio_ms, input_characters, images, cost, charge)
    SELECT tenant_id, gt_usage_hour(created_at), key_id, endpoint, route, state, connection_id, model, coalesce(currency, ''),
           count(*), sum(input_tokens), sum(cached_input_tokens), sum(output_tokens), sum(reasoning_tokens), sum(total_tokens),
           coalesce(sum(audio_ms), 0), coalesce(sum(input_characters), 0), coalesce(sum(images), 0), coalesce(sum(cost), 0),
           coalesce(sum(charge), 0)
      FROM fresh GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;
  RETURN NULL;
END
$$;
CREATE FUNCTION gt_sum_changed_usage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO usage_open (
      tenant_id, hour, key_id, endpoint, route, state, connection_id, model, currency, calls, input_tokens, cached_input_tokens,
      output_tokens, reasoning_tokens, total_tokens, audio_ms, input_characters, images, cost, charge)
    SELECT tenant_id, gt_usage_hour(created_at), key_id, endpoint, route, state, connection_id, model, coalesce(currency, ''),
           sum(sign), sum(sign * input_tokens), sum(sign * cached_input_tokens), sum(sign * output_tokens),
           sum(sign * reasoning_tokens), sum(sign * total_tokens), coalesce(sum(sign * audio_ms), 0),
           coalesce(sum(sign * input_characters), 0), coalesce(sum(sign * images), 0), coalesce(sum(sign * cost), 0),
           coalesce(sum(sign * charge), 0)
      FROM (SELECT fresh.*, 1 AS sign FROM fresh UNION ALL SELECT former.*, -1 FROM former) changed
     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;
  RETURN NULL;
END
$$;

-- They take the place of the sums that knew no models. From here on they hold the calls still: what stands there now is summed once.
CREATE TRIGGER usage_events_sum_added AFTER INSERT ON "usage_events" REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION gt_sum_added_usage();
CREATE TRIGGER usage_events_sum_changed AFTER UPDATE ON "usage_events" REFERENCING OLD TABLE AS former NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION gt_sum_changed_usage();
DROP TRIGGER usage_events_added ON "usage_events";
DROP TRIGGER usage_events_changed ON "usage_events";
DROP TRIGGER usage_events_amounts_added ON "usage_events";
DROP TRIGGER usage_events_amounts_changed ON "usage_events";
DROP FUNCTION gt_add_usage_hours, gt_change_usage_hours, gt_add_usage_amounts, gt_change_usage_amounts;

SET LOCAL ROLE gt_platform;
INSERT INTO usage_hourly (
      tenant_id, hour, key_id, endpoint, route, state, connection_id, model, currency, calls, input_tokens, cached_input_tokens,
      output_tokens, reasoning_tokens, total_tokens, audio_ms, input_characters, images, cost, charge)
    SELECT tenant_id, gt_usage_hour(created_at), key_id, endpoint, route, state, connection_id, model, coalesce(currency, ''),
           count(*), sum(input_tokens), sum(cached_input_tokens), sum(output_tokens), sum(reasoning_tokens), sum(total_tokens),
           coalesce(sum(audio_ms), 0), coalesce(sum(input_characters), 0), coalesce(sum(images), 0), coalesce(sum(cost), 0),
           coalesce(sum(charge), 0)
      FROM usage_events GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;
INSERT INTO usage_daily (
      tenant_id, day, key_id, endpoint, route, state, connection_id, model, currency, calls, input_tokens, cached_input_tokens,
      output_tokens, reasoning_tokens, total_tokens, audio_ms, input_characters, images, cost, charge)
    SELECT tenant_id, date_trunc('day', hour, 'UTC'), key_id, endpoint, route, state, connection_id, model, currency, sum(calls),
           sum(input_tokens), sum(cached_input_tokens), sum(output_tokens), sum(reasoning_tokens), sum(total_tokens),
           sum(audio_ms), sum(input_characters), sum(images), sum(cost), sum(charge)
      FROM usage_hourly GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;
RESET ROLE;
