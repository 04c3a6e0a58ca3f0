-- What priced calls cost and what is charged for them, summed by hours like `usage_hours`, and by connection, model and currency.
-- A table of its own: the release before adds up `usage_hours` by a key that knows no currency. Calls that have no price are in
-- `usage_hours` alone.
CREATE TABLE "usage_amounts" (
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
    "cost" BIGINT NOT NULL,
    "charge" BIGINT NOT NULL,

    CONSTRAINT "usage_amounts_pkey" PRIMARY KEY ("tenant_id","hour","key_id","endpoint","route","state","connection_id","model","currency"),
    CONSTRAINT "usage_amounts_state_check" CHECK ("state" IN ('completed', 'client_closed', 'upstream_failed', 'interrupted'))
);
CREATE TABLE "usage_amounts_open" (
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
    "cost" BIGINT NOT NULL,
    "charge" BIGINT NOT NULL,

    CONSTRAINT "usage_amounts_open_pkey" PRIMARY KEY ("tenant_id","seq"),
    CONSTRAINT "usage_amounts_open_state_check" CHECK ("state" IN ('completed', 'client_closed', 'upstream_failed', 'interrupted'))
);
ALTER TABLE "usage_amounts" ADD CONSTRAINT "usage_amounts_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "usage_amounts_open" ADD CONSTRAINT "usage_amounts_open_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

SELECT gt_protect(name::regclass, 'SELECT') FROM unnest(ARRAY['usage_amounts', 'usage_amounts_open']) AS name;
GRANT USAGE ON SEQUENCE "usage_amounts_open_seq_seq" TO gt_platform;

CREATE FUNCTION gt_add_usage_amounts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO usage_amounts_open (tenant_id, hour, key_id, endpoint, route, state, connection_id, model, currency, calls, cost, charge)
    SELECT tenant_id, gt_usage_hour(created_at), key_id, endpoint, route, state, connection_id, model, currency, count(*), sum(cost), sum(charge)
      FROM fresh WHERE currency IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;
  RETURN NULL;
END
$$;
CREATE FUNCTION gt_change_usage_amounts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO usage_amounts_open (tenant_id, hour, key_id, endpoint, route, state, connection_id, model, currency, calls, cost, charge)
    SELECT tenant_id, gt_usage_hour(created_at), key_id, endpoint, route, state, connection_id, model, currency, sum(sign), sum(sign * cost), sum(sign * charge)
      FROM (SELECT fresh.*, 1 AS sign FROM fresh UNION ALL SELECT former.*, -1 FROM former) changed
     WHERE currency IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;
  RETURN NULL;
END
$$;
CREATE TRIGGER usage_events_amounts_added AFTER INSERT ON "usage_events" REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION gt_add_usage_amounts();
CREATE TRIGGER usage_events_amounts_changed AFTER UPDATE ON "usage_events" REFERENCING OLD TABLE AS former NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION gt_change_usage_amounts();
