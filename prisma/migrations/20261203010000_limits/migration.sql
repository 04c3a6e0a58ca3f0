-- Limits on an endpoint, and the operators' own on a tenant, which its owners cannot change.
ALTER TABLE "endpoints" ADD COLUMN "limits" JSONB NOT NULL DEFAULT '{}';
ALTER TABLE "tenants" ADD COLUMN "ceiling" JSONB NOT NULL DEFAULT '{}';

-- What of each limit is left, where there is no Redis: a row for each limit that is in use. It belongs to the platform alone.
CREATE TABLE "limit_buckets" (
    "id" TEXT NOT NULL,
    -- The limit as the last change has set it, and when that was, in milliseconds since 1970.
    "most" DOUBLE PRECISION NOT NULL,
    "epoch" BIGINT NOT NULL,
    -- What was free at a time of this database's clock. Below zero: more was spent than was there.
    "level" DOUBLE PRECISION NOT NULL,
    "filled_at" DOUBLE PRECISION NOT NULL,
    -- Since when, and until when, there is too little for all.
    "short_since" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "short_until" DOUBLE PRECISION NOT NULL DEFAULT 0,
    -- What each process holds, by its id: [units, until when it counts].
    "holders" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "limit_buckets_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "limit_buckets_id_length" CHECK (octet_length("id") <= 1024)
) WITH (fillfactor = 50);

-- Which processes take from limits, each until a time of this database's clock.
CREATE TABLE "limit_processes" (
    "id" TEXT NOT NULL,
    "until" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "limit_processes_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "limit_processes_id_length" CHECK (octet_length("id") <= 128)
) WITH (fillfactor = 50);

GRANT SELECT, INSERT, UPDATE, DELETE ON "limit_buckets", "limit_processes" TO gt_platform;

-- Takes from limits and gives back to them, for one process; each ask is answered by itself. The same as the script for Redis
-- (src/platform/limits/limit-script.ts), which tells what the members mean. Rows are locked in the order of their ids.
CREATE FUNCTION gt_limit_exchange(process text, asks jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  ask jsonb;
  answers jsonb := '{}';
  bucket limit_buckets%ROWTYPE;
  now_ms double precision;
  most double precision;
  have double precision;
  usable double precision;
  others double precision;
  level double precision;
  free double precision;
  need double precision;
  summed double precision;
  fits integer;
  granted double precision;
  ahead double precision;
  is_short boolean;
  wait_ms double precision;
BEGIN
  FOR ask IN SELECT value FROM jsonb_array_elements(asks) ORDER BY value ->> 'id' LOOP
    INSERT INTO limit_buckets (id, most, epoch, level, filled_at)
      VALUES (ask ->> 'id', (ask ->> 'most')::double precision, (ask ->> 'epoch')::bigint, (ask ->> 'most')::double precision,
              extract(epoch FROM clock_timestamp()) * 1000)
      ON CONFLICT (id) DO NOTHING;
    SELECT * INTO bucket FROM limit_buckets WHERE id = ask ->> 'id' FOR UPDATE;
    now_ms := extract(epoch FROM clock_timestamp()) * 1000;
    IF (ask ->> 'epoch')::bigint >= bucket.epoch THEN
      bucket.most := (ask ->> 'most')::double precision;
      bucket.epoch := (ask ->> 'epoch')::bigint;
    END IF;
    most := bucket.most;
    have := (ask ->> 'have')::double precision;
    bucket.holders := bucket.holders - process;
    SELECT coalesce(sum((held.value ->> 0)::double precision), 0), coalesce(jsonb_object_agg(held.key, held.value), '{}')
      INTO others, bucket.holders
      FROM jsonb_each(bucket.holders) AS held
     WHERE (held.value ->> 1)::double precision BETWEEN now_ms AND now_ms + (ask ->> 'lasts_ms')::double precision * 2;
    IF ask ->> 'unit' = 'parallel' THEN
      usable := 0;
      level := most - others - have;
    ELSE
      usable := have;
      level := least(bucket.level + greatest(now_ms - bucket.filled_at, 0) * most / 60000 + (ask ->> 'back')::double precision,
                     most - others - have);
    END IF;
    free := floor(level);
    summed := 0;
    fits := 0;
    FOR need IN SELECT value::double precision FROM jsonb_array_elements_text(ask -> 'needs') LOOP
      EXIT WHEN summed + need > usable + free;
      summed := summed + need;
      fits := fits + 1;
    END LOOP;
    granted := greatest(summed - usable, 0);
    wait_ms := 0;
    IF fits < jsonb_array_length(ask -> 'needs') THEN
      IF now_ms > bucket.short_until OR now_ms < bucket.short_since THEN
        bucket.short_since := now_ms;
      END IF;
      bucket.short_until := now_ms + 1000;
      IF others > 0 THEN
        wait_ms := greatest(0, bucket.short_since + (ask ->> 'recall_ms')::double precision - now_ms);
      END IF;
    END IF;
    is_short := now_ms BETWEEN bucket.short_since AND bucket.short_until;
    IF NOT is_short THEN
      ahead := greatest(0, least((ask ->> 'ahead')::double precision, floor(level - granted - most / 10)));
      granted := granted + ahead;
    END IF;
    bucket.level := level - granted;
    bucket.filled_at := now_ms;
    bucket.holders := bucket.holders || jsonb_build_object(process, jsonb_build_array(
      have + granted - CASE WHEN ask ->> 'unit' = 'parallel' THEN 0 ELSE summed END,
      now_ms + (ask ->> 'lasts_ms')::double precision));
    UPDATE limit_buckets AS b
       SET most = bucket.most, epoch = bucket.epoch, level = bucket.level, filled_at = bucket.filled_at,
           short_since = bucket.short_since, short_until = bucket.short_until, holders = bucket.holders
     WHERE b.id = bucket.id;
    answers := answers || jsonb_build_object(bucket.id, jsonb_build_array(granted, fits, level - granted, is_short, wait_ms));
  END LOOP;
  RETURN answers;
END
$$;
REVOKE ALL ON FUNCTION gt_limit_exchange FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gt_limit_exchange TO gt_platform;

-- Says that a process lives, and counts those that do.
CREATE FUNCTION gt_limit_process(process text, lasts_ms double precision) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  now_ms double precision := extract(epoch FROM clock_timestamp()) * 1000;
BEGIN
  INSERT INTO limit_processes (id, until) VALUES (process, now_ms + lasts_ms)
    ON CONFLICT (id) DO UPDATE SET until = excluded.until WHERE limit_processes.until < excluded.until - lasts_ms / 5;
  DELETE FROM limit_processes WHERE until < now_ms AND id IN (SELECT id FROM limit_processes WHERE until < now_ms FOR UPDATE SKIP LOCKED);
  RETURN (SELECT count(*) FROM limit_processes WHERE until >= now_ms);
END
$$;
REVOKE ALL ON FUNCTION gt_limit_process FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gt_limit_process TO gt_platform;
