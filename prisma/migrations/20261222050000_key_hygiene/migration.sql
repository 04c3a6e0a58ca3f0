-- Of which end of a key its tenant was told, and how many days ahead: 0 at the end itself.
CREATE TABLE "key_end_notices" (
  "tenant_id" TEXT NOT NULL,
  "id" TEXT NOT NULL,
  "ends_at" TIMESTAMPTZ(3) NOT NULL,
  "days" INTEGER NOT NULL,
  CONSTRAINT "key_end_notices_pkey" PRIMARY KEY ("tenant_id", "id")
);
ALTER TABLE "key_end_notices" ADD CONSTRAINT "key_end_notices_tenant_id_fkey"
  FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "key_end_notices" ADD CONSTRAINT "key_end_notices_tenant_id_id_fkey"
  FOREIGN KEY ("tenant_id", "id") REFERENCES "keys"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
SELECT gt_protect('key_end_notices', 'SELECT, INSERT, UPDATE, DELETE');
CREATE INDEX "keys_expires_at_idx" ON "keys" ("expires_at");

-- Reports of leaked secrets that were taken in, by the SHA-256 of their body: a repeated one is refused.
CREATE TABLE "leak_reports" (
  "digest" TEXT NOT NULL,
  "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "leak_reports_pkey" PRIMARY KEY ("digest")
);
CREATE INDEX "leak_reports_received_at_idx" ON "leak_reports" ("received_at");
GRANT SELECT, INSERT, DELETE ON "leak_reports" TO gt_platform;
