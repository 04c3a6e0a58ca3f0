-- The change feed's numbers are given at commit. Until now each change took the feed's lock when it was made and kept it
-- to the end of its transaction, so one long transaction held up the changes of all tenants.
--
-- A change is first noted here, unnumbered and seen by nobody else. The first note of a transaction brings a deferred
-- trigger, which runs once, at commit: it moves all notes of the transaction into change_feed in one statement. Only this
-- takes the lock, which is held until the rows are visible: numbers still become visible in their order, and a reader
-- that has seen number n has seen all before it. Readers of the release before read the same table in the same way.
CREATE TABLE "pending_changes" (
    "place" BIGSERIAL NOT NULL,
    "transaction" BIGINT NOT NULL,
    "tenant" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "ref" TEXT NOT NULL,
    "is_first" BOOLEAN NOT NULL,

    CONSTRAINT "pending_changes_pkey" PRIMARY KEY ("transaction", "place")
);

-- No role is granted anything on it: the two functions below run as the table's owner.
CREATE OR REPLACE FUNCTION gt_record_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  changed jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
  this text := pg_current_xact_id()::text;
  -- Local to the transaction, and undone with a savepoint just as the first note is.
  is_first boolean := current_setting('gt.changes_of', true) IS DISTINCT FROM this;
BEGIN
  IF is_first THEN
    PERFORM set_config('gt.changes_of', this, true);
  END IF;
  INSERT INTO pending_changes (transaction, tenant, kind, ref, is_first)
    VALUES (this::bigint,
            coalesce(changed ->> 'tenant_id', CASE WHEN TG_TABLE_NAME = 'tenants' THEN changed ->> 'id' END, ''),
            TG_TABLE_NAME,
            coalesce(CASE WHEN TG_TABLE_NAME = 'key_secrets' THEN changed ->> 'key_id' END, changed ->> 'id'),
            is_first);
  RETURN NULL;
END
$$;

CREATE FUNCTION gt_number_changes() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  tenants text[];
  kinds text[];
  refs text[];
  number bigint;
BEGIN
  WITH noted AS (DELETE FROM pending_changes WHERE transaction = NEW.transaction RETURNING tenant, kind, ref),
       changes AS (SELECT DISTINCT tenant, kind, ref FROM noted)
    SELECT array_agg(tenant), array_agg(kind), array_agg(ref) INTO tenants, kinds, refs FROM changes;
  -- A change that comes after this, from another deferred trigger, begins anew.
  PERFORM set_config('gt.changes_of', '', true);
  PERFORM pg_advisory_xact_lock(72707370);
  WITH numbered AS (
    INSERT INTO change_feed (tenant_id, kind, ref, at)
      SELECT tenant, kind, ref, clock_timestamp() FROM unnest(tenants, kinds, refs) AS change (tenant, kind, ref)
      RETURNING seq)
    SELECT max(seq) INTO number FROM numbered;
  PERFORM pg_notify('gt_change', number::text);
  RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER pending_changes_number AFTER INSERT ON "pending_changes" DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.is_first) EXECUTE FUNCTION gt_number_changes();
