-- Usage by time. `usage` stays what is written, by this release and the one before; triggers copy each row into `usage_events`,
-- which is read, and add it to the hours. What was there before is brought over by a job.
CREATE TABLE "usage_events" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "request_id" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "route" TEXT NOT NULL,
    "endpoint" TEXT NOT NULL,
    "connection_id" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "status" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "stream" BOOLEAN NOT NULL,
    "input_tokens" INTEGER NOT NULL,
    "cached_input_tokens" INTEGER NOT NULL,
    "output_tokens" INTEGER NOT NULL,
    "reasoning_tokens" INTEGER NOT NULL,
    "total_tokens" INTEGER NOT NULL,
    "latency_ms" INTEGER NOT NULL,
    "first_token_ms" INTEGER,
    "upstream_status" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "usage_events_pkey" PRIMARY KEY ("tenant_id","created_at","id"),
    CONSTRAINT "usage_events_state_check" CHECK ("state" IN ('completed', 'client_closed', 'upstream_failed', 'interrupted')),
    CONSTRAINT "usage_events_source_check" CHECK ("source" IN ('upstream', 'counted', 'none'))
) PARTITION BY RANGE ("created_at");
CREATE INDEX "usage_events_tenant_id_key_id_created_at_id_idx" ON "usage_events"("tenant_id", "key_id", "created_at", "id");
ALTER TABLE "usage_events" ADD CONSTRAINT "usage_events_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;
-- What no month has been made for.
CREATE TABLE "usage_events_default" PARTITION OF "usage_events" DEFAULT;

-- Sums by hours that are over or not; a change of a row is added with both signs. `usage_hours_open` has what is not yet added
-- up into `usage_hours`: it is only ever appended to, so that writers never wait for each other's sums.
CREATE TABLE "usage_hours" (
    "tenant_id" TEXT NOT NULL,
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "key_id" TEXT NOT NULL,
    "endpoint" TEXT NOT NULL,
    "route" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "calls" BIGINT NOT NULL,
    "input_tokens" BIGINT NOT NULL,
    "cached_input_tokens" BIGINT NOT NULL,
    "output_tokens" BIGINT NOT NULL,
    "reasoning_tokens" BIGINT NOT NULL,
    "total_tokens" BIGINT NOT NULL,

    CONSTRAINT "usage_hours_pkey" PRIMARY KEY ("tenant_id","hour","key_id","endpoint","route","state"),
    CONSTRAINT "usage_hours_state_check" CHECK ("state" IN ('completed', 'client_closed', 'upstream_failed', 'interrupted'))
);
CREATE TABLE "usage_hours_open" (
    "tenant_id" TEXT NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "key_id" TEXT NOT NULL,
    "endpoint" TEXT NOT NULL,
    "route" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "calls" BIGINT NOT NULL,
    "input_tokens" BIGINT NOT NULL,
    "cached_input_tokens" BIGINT NOT NULL,
    "output_tokens" BIGINT NOT NULL,
    "reasoning_tokens" BIGINT NOT NULL,
    "total_tokens" BIGINT NOT NULL,

    CONSTRAINT "usage_hours_open_pkey" PRIMARY KEY ("tenant_id","seq"),
    CONSTRAINT "usage_hours_open_state_check" CHECK ("state" IN ('completed', 'client_closed', 'upstream_failed', 'interrupted'))
);
ALTER TABLE "usage_hours" ADD CONSTRAINT "usage_hours_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "usage_hours_open" ADD CONSTRAINT "usage_hours_open_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Tenants of which rows of `usage` before this place are still to be brought over.
CREATE TABLE "usage_unmoved" (
    "tenant_id" TEXT NOT NULL,
    "before" TIMESTAMPTZ(3) NOT NULL,
    "before_id" TEXT NOT NULL,

    CONSTRAINT "usage_unmoved_pkey" PRIMARY KEY ("tenant_id")
);
ALTER TABLE "usage_unmoved" ADD CONSTRAINT "usage_unmoved_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

SELECT gt_protect(name::regclass, 'SELECT')
  FROM unnest(ARRAY['usage_events', 'usage_events_default', 'usage_hours', 'usage_hours_open', 'usage_unmoved']) AS name;
GRANT USAGE ON SEQUENCE "usage_hours_open_seq_seq" TO gt_platform;

CREATE FUNCTION gt_usage_hour(at timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT date_bin('1 hour', at, timestamptz '2000-01-01 00:00:00+00') $$;

CREATE FUNCTION gt_add_usage_hours() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO usage_hours_open (tenant_id, hour, key_id, endpoint, route, state, calls, input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, total_tokens)
    SELECT tenant_id, gt_usage_hour(created_at), key_id, endpoint, route, state, count(*), sum(input_tokens), sum(cached_input_tokens), sum(output_tokens), sum(reasoning_tokens), sum(total_tokens)
      FROM fresh GROUP BY 1, 2, 3, 4, 5, 6;
  RETURN NULL;
END
$$;
CREATE FUNCTION gt_change_usage_hours() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO usage_hours_open (tenant_id, hour, key_id, endpoint, route, state, calls, input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, total_tokens)
    SELECT tenant_id, gt_usage_hour(created_at), key_id, endpoint, route, state, sum(sign), sum(sign * input_tokens), sum(sign * cached_input_tokens), sum(sign * output_tokens), sum(sign * reasoning_tokens), sum(sign * total_tokens)
      FROM (SELECT fresh.*, 1 AS sign FROM fresh UNION ALL SELECT former.*, -1 FROM former) changed
     GROUP BY 1, 2, 3, 4, 5, 6;
  RETURN NULL;
END
$$;
CREATE TRIGGER usage_events_added AFTER INSERT ON "usage_events" REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION gt_add_usage_hours();
CREATE TRIGGER usage_events_changed AFTER UPDATE ON "usage_events" REFERENCING OLD TABLE AS former NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION gt_change_usage_hours();

-- The same rule as for `usage`: a real end replaces what was guessed, nothing else changes a row.
CREATE FUNCTION gt_copy_usage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO usage_events (
      tenant_id, id, request_id, key_id, route, endpoint, connection_id, model, status, state, source, stream,
      input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, total_tokens, latency_ms, first_token_ms,
      upstream_status, created_at)
    SELECT
      tenant_id, id, request_id, key_id, route, endpoint, connection_id, model, status, state, source, stream,
      input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, total_tokens, latency_ms, first_token_ms,
      upstream_status, created_at
      FROM fresh ORDER BY tenant_id, created_at, id
    ON CONFLICT (tenant_id, created_at, id) DO UPDATE SET
      request_id = excluded.request_id, key_id = excluded.key_id, route = excluded.route,
      endpoint = excluded.endpoint, connection_id = excluded.connection_id, model = excluded.model,
      status = excluded.status, state = excluded.state, source = excluded.source, stream = excluded.stream,
      input_tokens = excluded.input_tokens, cached_input_tokens = excluded.cached_input_tokens,
      output_tokens = excluded.output_tokens, reasoning_tokens = excluded.reasoning_tokens,
      total_tokens = excluded.total_tokens, latency_ms = excluded.latency_ms,
      first_token_ms = excluded.first_token_ms, upstream_status = excluded.upstream_status
      WHERE usage_events.state = 'interrupted' AND excluded.state <> 'interrupted';
  RETURN NULL;
END
$$;
CREATE TRIGGER usage_added AFTER INSERT ON "usage" REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION gt_copy_usage();
CREATE TRIGGER usage_changed AFTER UPDATE ON "usage" REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION gt_copy_usage();

-- From here on the triggers hold `usage` still: all rows that they do not see are of tenants that are named now.
SET LOCAL ROLE gt_platform;
INSERT INTO usage_unmoved (tenant_id, before, before_id)
  SELECT id, 'infinity', '' FROM tenants WHERE EXISTS (SELECT FROM usage WHERE usage.tenant_id = tenants.id);
RESET ROLE;

-- Out of the default partition into a month that is being made. It runs as the platform role: the tables' owner sees no rows.
CREATE FUNCTION gt_move_usage(target regclass, lower timestamptz, upper timestamptz) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  EXECUTE format('WITH gone AS (DELETE FROM usage_events_default WHERE created_at >= %L AND created_at < %L RETURNING *)
    INSERT INTO %s SELECT * FROM gone', lower, upper, target);
END
$$;

-- Makes the partition of the month (in UTC) that this moment lies in; false when it is there. It gives up after a second in
-- which somebody else reads or writes what lies in the default partition.
CREATE FUNCTION gt_make_usage_month(moment timestamptz) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '1s' AS $$
DECLARE
  lower timestamptz := date_trunc('month', moment);
  upper timestamptz := date_trunc('month', moment) + interval '1 month';
  name text := 'usage_events_' || to_char(date_trunc('month', moment), 'YYYYMM');
BEGIN
  PERFORM pg_advisory_xact_lock(72707372);
  IF to_regclass(name) IS NOT NULL THEN
    RETURN false;
  END IF;
  LOCK TABLE usage_events_default IN ACCESS EXCLUSIVE MODE;
  EXECUTE format('CREATE TABLE %I (LIKE usage_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
  PERFORM gt_protect(name::regclass, 'SELECT');
  PERFORM gt_move_usage(name::regclass, lower, upper);
  EXECUTE format('ALTER TABLE usage_events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, lower, upper);
  RETURN true;
END
$$;
REVOKE EXECUTE ON FUNCTION gt_move_usage, gt_make_usage_month FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gt_make_usage_month TO gt_platform;
GRANT CREATE ON SCHEMA public TO gt_platform;
DO $$ BEGIN EXECUTE format('GRANT EXECUTE ON FUNCTION gt_move_usage TO %I', current_user); END $$;
ALTER FUNCTION gt_move_usage OWNER TO gt_platform;
REVOKE CREATE ON SCHEMA public FROM gt_platform;

SELECT gt_make_usage_month(date_trunc('month', now(), 'UTC') + months * interval '1 month') FROM generate_series(0, 3) months;

-- What a state may be. Rows of before are looked at by the next migration, which holds up no writer.
ALTER TABLE "tenants" ADD CONSTRAINT "tenants_state_check" CHECK ("state" IN ('active', 'suspended', 'disabled')) NOT VALID;
ALTER TABLE "members" ADD CONSTRAINT "members_state_check" CHECK ("state" IN ('active', 'disabled')) NOT VALID;
ALTER TABLE "keys" ADD CONSTRAINT "keys_state_check" CHECK ("state" IN ('active', 'disabled', 'revoked')) NOT VALID;
ALTER TABLE "usage" ADD CONSTRAINT "usage_state_check" CHECK ("state" IN ('completed', 'client_closed', 'upstream_failed', 'interrupted')) NOT VALID;
ALTER TABLE "usage" ADD CONSTRAINT "usage_source_check" CHECK ("source" IN ('upstream', 'counted', 'none')) NOT VALID;
ALTER TABLE "files" ADD CONSTRAINT "files_state_check" CHECK ("state" IN ('stored', 'parsed', 'chunked', 'embedded', 'ready', 'failed')) NOT VALID;
ALTER TABLE "idempotent_requests" ADD CONSTRAINT "idempotent_requests_state_check" CHECK ("state" IN ('running', 'done')) NOT VALID;
ALTER TABLE "webhooks" ADD CONSTRAINT "webhooks_state_check" CHECK ("state" IN ('active', 'disabled')) NOT VALID;
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_state_check" CHECK ("state" IN ('pending', 'delivered', 'failed')) NOT VALID;
