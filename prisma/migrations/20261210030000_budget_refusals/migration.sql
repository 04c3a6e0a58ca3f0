-- When somebody was told that a budget has refused a call that needs more than is left, and for which amount. A period in which
-- every call was too large has no row before.
ALTER TABLE "budget_periods" ADD COLUMN "refused_at" TIMESTAMPTZ(3), ADD COLUMN "refused_for" BIGINT;
GRANT INSERT ("tenant_id", "budget_id", "starts_at", "ends_at", "refused_at", "refused_for"), UPDATE ("refused_at", "refused_for")
  ON "budget_periods" TO gt_app;
