-- Files that come in parts (POST /uploads). Each part is a content of its own until the upload is completed, which makes one
-- file of them; what is given up or stays open for too long is removed with its parts.
CREATE TABLE "uploads" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "filename" TEXT NOT NULL,
    "purpose" TEXT NOT NULL,
    "media_type" TEXT NOT NULL,
    -- As declared: all parts together.
    "bytes" BIGINT NOT NULL,
    -- For how long the file is kept; null: for good.
    "kept_seconds" INTEGER,
    "state" TEXT NOT NULL DEFAULT 'pending',
    -- Of the parts that have come, and how many they are.
    "received" BIGINT NOT NULL DEFAULT 0,
    "parts" INTEGER NOT NULL DEFAULT 0,
    -- The call that makes the file of the parts, and when it last said that it lives.
    "run" TEXT,
    "beat_at" TIMESTAMPTZ(3),
    -- What was made of it, and of which parts: the same call again finds it.
    "part_ids" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "file_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "uploads_pkey" PRIMARY KEY ("tenant_id","id"),
    CONSTRAINT "uploads_state" CHECK ("state" IN ('pending', 'completed', 'cancelled', 'expired')),
    CONSTRAINT "uploads_bytes" CHECK ("received" >= 0 AND "received" <= "bytes" AND "parts" >= 0),
    CONSTRAINT "uploads_run" CHECK (("run" IS NULL) = ("beat_at" IS NULL) AND ("run" IS NULL OR "state" = 'pending')),
    CONSTRAINT "uploads_file" CHECK (("state" = 'completed') = ("file_id" IS NOT NULL))
);

CREATE INDEX "uploads_open" ON "uploads" ("tenant_id", "expires_at") WHERE "state" = 'pending';
CREATE INDEX "uploads_tenant_id_created_at_idx" ON "uploads" ("tenant_id", "created_at");

CREATE TABLE "upload_parts" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "upload_id" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "bytes" BIGINT NOT NULL,
    "sha256" TEXT NOT NULL,
    "storage_key" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "upload_parts_pkey" PRIMARY KEY ("tenant_id","id")
);

CREATE INDEX "upload_parts_tenant_id_upload_id_idx" ON "upload_parts" ("tenant_id", "upload_id");
CREATE INDEX "upload_parts_tenant_id_storage_key_idx" ON "upload_parts" ("tenant_id", "storage_key");

ALTER TABLE "uploads" ADD CONSTRAINT "uploads_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;
ALTER TABLE "upload_parts" ADD CONSTRAINT "upload_parts_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;
ALTER TABLE "upload_parts" ADD CONSTRAINT "upload_parts_tenant_id_upload_id_fkey" FOREIGN KEY ("tenant_id", "upload_id") REFERENCES "uploads"("tenant_id", "id") ON DELETE CASCADE;

SELECT gt_protect('uploads', 'SELECT, INSERT, UPDATE, DELETE');
SELECT gt_protect('upload_parts', 'SELECT, INSERT, UPDATE, DELETE');
