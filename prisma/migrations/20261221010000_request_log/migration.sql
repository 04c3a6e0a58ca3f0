-- The request log: a row for each call of a tenant's keys, refusals included. Its partitions, of a day (UTC) each, stand in a schema of
-- their own, of which no tenant's role knows: rows are read through `request_log` alone.
CREATE TABLE "request_log" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "key_id" TEXT NOT NULL,
    "method" TEXT NOT NULL,
    "route" TEXT NOT NULL,
    "endpoint" TEXT,
    "status" INTEGER NOT NULL,
    "error_code" TEXT,
    "aborted" BOOLEAN NOT NULL,
    "latency_ms" INTEGER NOT NULL,
    "entered_ms" INTEGER,
    "sent_ms" INTEGER,
    "first_token_ms" INTEGER,
    "input_tokens" INTEGER NOT NULL,
    "output_tokens" INTEGER NOT NULL,
    "total_tokens" INTEGER NOT NULL,
    "cost" BIGINT,
    "charge" BIGINT,
    "currency" TEXT,
    "client_address" TEXT NOT NULL,
    "client_agent" TEXT,
    "count" INTEGER NOT NULL,
    "calls" TEXT NOT NULL,
    "logged_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "request_log_pkey" PRIMARY KEY ("tenant_id","created_at","id")
) PARTITION BY RANGE ("created_at");
CREATE INDEX "request_log_tenant_id_key_id_created_at_id_idx" ON "request_log"("tenant_id", "key_id", "created_at", "id");
CREATE INDEX "request_log_tenant_id_endpoint_created_at_id_idx" ON "request_log"("tenant_id", "endpoint", "created_at", "id");
CREATE INDEX "request_log_tenant_id_route_created_at_id_idx" ON "request_log"("tenant_id", "route", "created_at", "id");
CREATE INDEX "request_log_tenant_id_client_address_created_at_id_idx" ON "request_log"("tenant_id", "client_address", "created_at", "id");
-- Most calls succeed: what is looked for is among the others.
CREATE INDEX "request_log_statuses" ON "request_log"("tenant_id", "status", "created_at", "id") WHERE "status" <> 200;
CREATE INDEX "request_log_error_codes" ON "request_log"("tenant_id", "error_code", "created_at", "id") WHERE "error_code" IS NOT NULL;
-- Rows stand in the order in which they are written, nearly: what came last is found by a few numbers for many rows.
CREATE INDEX "request_log_logged_at_idx" ON "request_log" USING brin ("logged_at") WITH (pages_per_range = 32, autosummarize = on);

SELECT gt_protect('request_log', 'SELECT');

-- How many rows were left out, on which day (UTC) and why. They belong to no tenant.
CREATE TABLE "request_log_drops" (
    "day" TIMESTAMPTZ(3) NOT NULL,
    "reason" TEXT NOT NULL,
    "rows" BIGINT NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "request_log_drops_pkey" PRIMARY KEY ("day","reason")
);
GRANT SELECT, INSERT, UPDATE, DELETE ON "request_log_drops" TO gt_platform;

CREATE SCHEMA "request_log_days";

-- Makes the partition of a day (UTC); false when it is there. It waits for no reader and no writer.
CREATE FUNCTION gt_make_request_day(day date) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '1s' AS $$
DECLARE
  name text := 'd' || to_char(day, 'YYYYMMDD');
BEGIN
  PERFORM pg_advisory_xact_lock(72707374);
  IF to_regclass(format('request_log_days.%I', name)) IS NOT NULL THEN
    RETURN false;
  END IF;
  EXECUTE format('CREATE TABLE request_log_days.%I (LIKE request_log INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
  EXECUTE format('ALTER TABLE request_log_days.%I ENABLE ROW LEVEL SECURITY', name);
  EXECUTE format('ALTER TABLE request_log_days.%I FORCE ROW LEVEL SECURITY', name);
  EXECUTE format('ALTER TABLE request_log ATTACH PARTITION request_log_days.%I FOR VALUES FROM (%L) TO (%L)', name, day::timestamptz, (day + 1)::timestamptz);
  RETURN true;
END
$$;

-- Drops the oldest partition of a day before this one; null when there is none. It gives up after a second in which others read the log.
CREATE FUNCTION gt_drop_request_day(before date) RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '1s' AS $$
DECLARE
  oldest text;
BEGIN
  PERFORM pg_advisory_xact_lock(72707374);
  SELECT min(c.relname) INTO oldest FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'request_log_days' AND c.relkind = 'r' AND c.relname < 'd' || to_char(before, 'YYYYMMDD');
  IF oldest IS NOT NULL THEN
    EXECUTE format('DROP TABLE request_log_days.%I', oldest);
  END IF;
  RETURN oldest;
END
$$;
REVOKE EXECUTE ON FUNCTION gt_make_request_day, gt_drop_request_day FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gt_make_request_day, gt_drop_request_day TO gt_platform;

-- In place of a foreign key, which would be looked up for every row: writers lock the tenants of a batch once.
CREATE FUNCTION gt_forget_requests() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM request_log WHERE tenant_id = OLD.id;
  RETURN NULL;
END
$$;
CREATE TRIGGER tenants_forget_requests AFTER DELETE ON "tenants" FOR EACH ROW EXECUTE FUNCTION gt_forget_requests();

SELECT gt_make_request_day((now() AT TIME ZONE 'UTC')::date + days) FROM generate_series(0, 3) days;
