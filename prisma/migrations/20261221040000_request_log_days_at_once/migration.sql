-- Days of bodies are made only where bodies are kept, and days are dropped several at a time: of a month each costs little beside its
-- transaction.
DROP FUNCTION gt_make_request_day(date);
-- Makes the partition of a day (UTC) of the log (`d`) or of bodies (`b`); false when it is there. It waits for no reader and no writer.
CREATE FUNCTION gt_make_request_day(kind text, day date) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '1s' AS $$
DECLARE
  parent text := CASE kind WHEN 'd' THEN 'request_log' WHEN 'b' THEN 'request_bodies' END;
  name text := kind || to_char(day, 'YYYYMMDD');
BEGIN
  PERFORM pg_advisory_xact_lock(72707374);
  IF to_regclass(format('request_log_days.%I', name)) IS NOT NULL THEN
    RETURN false;
  END IF;
  EXECUTE format('CREATE TABLE request_log_days.%I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)', name, parent);
  EXECUTE format('ALTER TABLE request_log_days.%I ENABLE ROW LEVEL SECURITY', name);
  EXECUTE format('ALTER TABLE request_log_days.%I FORCE ROW LEVEL SECURITY', name);
  EXECUTE format('ALTER TABLE %I ATTACH PARTITION request_log_days.%I FOR VALUES FROM (%L) TO (%L)', parent, name, day::timestamptz, (day + 1)::timestamptz);
  RETURN true;
END
$$;

DROP FUNCTION gt_drop_request_day(text, date);
-- Drops up to so many of the oldest partitions of days before this one, of the log (`d`) or of bodies (`b`); returns how many. It gives up
-- after a second in which others read them.
CREATE FUNCTION gt_drop_request_days(kind text, before date, most integer) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '1s' AS $$
DECLARE
  names text;
  dropped integer;
BEGIN
  PERFORM pg_advisory_xact_lock(72707374);
  SELECT string_agg(format('request_log_days.%I', name), ', '), count(*) INTO names, dropped FROM (
    SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'request_log_days' AND c.relkind = 'r' AND left(c.relname, 1) = kind
       AND c.relname < kind || to_char(before, 'YYYYMMDD')
     ORDER BY c.relname LIMIT most) oldest;
  IF dropped > 0 THEN
    EXECUTE 'DROP TABLE ' || names;
  END IF;
  RETURN dropped;
END
$$;
REVOKE EXECUTE ON FUNCTION gt_make_request_day, gt_drop_request_days FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gt_make_request_day, gt_drop_request_days TO gt_platform;
