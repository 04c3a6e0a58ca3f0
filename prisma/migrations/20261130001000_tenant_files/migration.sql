-- Files of POST /files belong to the tenant alone: listed by time and purpose, and removed when their time is over.
CREATE INDEX "files_of_tenant" ON "files" ("tenant_id", "created_at", "id") WHERE "kind" = 'file';
CREATE INDEX "files_expiring" ON "files" ("expires_at") WHERE "expires_at" IS NOT NULL;

-- Who still reads a content whose file may be deleted meanwhile: a running batch, a fine-tuning job. The content is removed
-- when neither a file nor a holder knows it any more.
CREATE TABLE "content_holds" (
    "tenant_id" TEXT NOT NULL,
    "storage_key" TEXT NOT NULL,
    -- The id of what reads it.
    "holder" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "content_holds_pkey" PRIMARY KEY ("tenant_id","storage_key","holder"),
    CONSTRAINT "content_holds_lengths" CHECK (octet_length("storage_key") <= 256 AND octet_length("holder") <= 128)
);

CREATE INDEX "content_holds_tenant_id_holder_idx" ON "content_holds"("tenant_id", "holder");

ALTER TABLE "content_holds" ADD CONSTRAINT "content_holds_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;

SELECT gt_protect('content_holds', 'SELECT, INSERT, DELETE');
