-- The list, and a check that takes calls in the order of their records.
CREATE INDEX "ledger_entries_tenant_id_at_idx" ON "ledger_entries"("tenant_id", "at");
