-- Committed rows of the audit get a number and a hash over themselves and the row before: a chain of each tenant, and one of
-- the operators. Null: not sealed yet.
ALTER TABLE "audit" ADD COLUMN "seq" bigint, ADD COLUMN "hash" bytea;
ALTER TABLE "operator_audit" ADD COLUMN "seq" bigint, ADD COLUMN "hash" bytea;

CREATE INDEX "audit_tenant_id_seq_id_idx" ON "audit" ("tenant_id", "seq", "id");
CREATE INDEX "operator_audit_seq_id_idx" ON "operator_audit" ("seq", "id");
CREATE INDEX "audit_unsealed" ON "audit" ("tenant_id", "created_at", "id") WHERE "seq" IS NULL;
CREATE INDEX "operator_audit_unsealed" ON "operator_audit" ("created_at", "id") WHERE "seq" IS NULL;

-- Where each chain ends, and how far it is anchored in the object store. Whoever seals holds the row.
CREATE TABLE "audit_chains" (
    -- The tenant's id, or `operators`.
    "name" TEXT NOT NULL,
    "tenant_id" TEXT,
    "seq" bigint NOT NULL,
    "hash" bytea NOT NULL,
    "sealed_at" TIMESTAMPTZ(3) NOT NULL,
    "anchored_seq" bigint NOT NULL,
    "anchor_due_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "audit_chains_pkey" PRIMARY KEY ("name"),
    CONSTRAINT "audit_chains_name_check" CHECK ("name" = coalesce("tenant_id", 'operators'))
);
CREATE INDEX "audit_chains_tenant_id_idx" ON "audit_chains" ("tenant_id");
ALTER TABLE "audit_chains" ADD CONSTRAINT "audit_chains_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;
SELECT gt_protect('audit_chains', 'SELECT');

-- Rows are only added, and sealed once. A tenant's rows go with the tenant: what cascades needs no grant.
REVOKE UPDATE, DELETE ON "audit", "operator_audit" FROM gt_platform;
GRANT UPDATE ("seq", "hash") ON "audit", "operator_audit" TO gt_platform;

CREATE FUNCTION gt_seal_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.seq IS NOT NULL OR NEW.hash IS NOT NULL THEN
      RAISE EXCEPTION 'rows of % are sealed when they are committed', TG_TABLE_NAME;
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.seq IS NOT NULL OR (to_jsonb(NEW) - 'seq' - 'hash') IS DISTINCT FROM (to_jsonb(OLD) - 'seq' - 'hash') THEN
    RAISE EXCEPTION 'rows of % do not change', TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER audit_sealed_once BEFORE INSERT OR UPDATE ON "audit" FOR EACH ROW EXECUTE FUNCTION gt_seal_once();
CREATE TRIGGER operator_audit_sealed_once BEFORE INSERT OR UPDATE ON "operator_audit" FOR EACH ROW EXECUTE FUNCTION gt_seal_once();
