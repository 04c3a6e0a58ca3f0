-- Links by which one member decides on one held call. They are good as long as the call waits.
CREATE TABLE "approval_links" (
  "tenant_id" TEXT NOT NULL,
  "id" TEXT NOT NULL,
  "approval_id" TEXT NOT NULL,
  "member_id" TEXT NOT NULL,
  "hash" TEXT NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "approval_links_pkey" PRIMARY KEY ("tenant_id", "id")
);
ALTER TABLE "approval_links" ADD CONSTRAINT "approval_links_tenant_id_fkey"
  FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "approval_links" ADD CONSTRAINT "approval_links_tenant_id_approval_id_fkey"
  FOREIGN KEY ("tenant_id", "approval_id") REFERENCES "approvals"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "approval_links" ADD CONSTRAINT "approval_links_tenant_id_member_id_fkey"
  FOREIGN KEY ("tenant_id", "member_id") REFERENCES "members"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE UNIQUE INDEX "approval_links_hash_key" ON "approval_links"("hash");
CREATE UNIQUE INDEX "approval_links_tenant_id_approval_id_member_id_key" ON "approval_links"("tenant_id", "approval_id", "member_id");
CREATE INDEX "approval_links_tenant_id_member_id_idx" ON "approval_links"("tenant_id", "member_id");
SELECT gt_protect('approval_links', 'SELECT, INSERT, UPDATE, DELETE');
