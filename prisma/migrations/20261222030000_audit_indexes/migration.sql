-- Rows that are not sealed are found by their own indexes, in the order in which they are sealed.
DROP INDEX "audit_tenant_id_seq_id_idx";
DROP INDEX "operator_audit_seq_id_idx";
CREATE INDEX "audit_sealed" ON "audit" ("tenant_id", "seq", "id") WHERE "seq" IS NOT NULL;
CREATE INDEX "operator_audit_sealed" ON "operator_audit" ("seq", "id") WHERE "seq" IS NOT NULL;
