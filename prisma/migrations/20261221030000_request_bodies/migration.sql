-- Bodies of calls, sealed, of tenants that have switched them on. They have days of their own beside those of the request log.
ALTER TABLE "tenants" ADD COLUMN "request_body_days" INTEGER;

CREATE TABLE "request_bodies" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "content" BYTEA NOT NULL,

    CONSTRAINT "request_bodies_pkey" PRIMARY KEY ("tenant_id","created_at","id")
) PARTITION BY RANGE ("created_at");
-- What is sealed cannot be packed.
ALTER TABLE "request_bodies" ALTER COLUMN "content" SET STORAGE EXTERNAL;
SELECT gt_protect('request_bodies', 'SELECT');

CREATE OR REPLACE FUNCTION gt_make_request_day(day date) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '1s' AS $$
DECLARE
  parent text;
  name text;
  made boolean := false;
BEGIN
  PERFORM pg_advisory_xact_lock(72707374);
  FOREACH parent IN ARRAY ARRAY['request_log', 'request_bodies'] LOOP
    name := (CASE parent WHEN 'request_log' THEN 'd' ELSE 'b' END) || to_char(day, 'YYYYMMDD');
    CONTINUE WHEN to_regclass(format('request_log_days.%I', name)) IS NOT NULL;
    EXECUTE format('CREATE TABLE request_log_days.%I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)', name, parent);
    EXECUTE format('ALTER TABLE request_log_days.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE request_log_days.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION request_log_days.%I FOR VALUES FROM (%L) TO (%L)', parent, name, day::timestamptz, (day + 1)::timestamptz);
    made := true;
  END LOOP;
  RETURN made;
END
$$;

DROP FUNCTION gt_drop_request_day(date);
-- Drops the oldest partition of a day before this one, of the log (`d`) or of bodies (`b`); null when there is none. It gives up after a
-- second in which others read them.
CREATE FUNCTION gt_drop_request_day(kind text, before date) RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '1s' AS $$
DECLARE
  oldest text;
BEGIN
  PERFORM pg_advisory_xact_lock(72707374);
  SELECT min(c.relname) INTO oldest FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'request_log_days' AND c.relkind = 'r' AND left(c.relname, 1) = kind AND c.relname < kind || to_char(before, 'YYYYMMDD');
  IF oldest IS NOT NULL THEN
    EXECUTE format('DROP TABLE request_log_days.%I', oldest);
  END IF;
  RETURN oldest;
END
$$;
REVOKE EXECUTE ON FUNCTION gt_drop_request_day FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gt_drop_request_day TO gt_platform;

CREATE OR REPLACE FUNCTION gt_forget_requests() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM request_log WHERE tenant_id = OLD.id;
  DELETE FROM request_bodies WHERE tenant_id = OLD.id;
  RETURN NULL;
END
$$;

SELECT gt_make_request_day((now() AT TIME ZONE 'UTC')::date + days) FROM generate_series(0, 3) days;
