-- For which amount somebody was told that it is spent, and for which soft threshold, in hundredths, that it is passed.
ALTER TABLE "budget_periods" ADD COLUMN "warned_for" BIGINT, ADD COLUMN "spent_for" BIGINT;
GRANT UPDATE ("warned_for", "spent_for") ON "budget_periods" TO gt_app;

-- Which periods of a tenant run, or have just ended: those that somebody may have to be told of.
CREATE INDEX "budget_periods_tenant_id_ends_at_idx" ON "budget_periods"("tenant_id", "ends_at");
