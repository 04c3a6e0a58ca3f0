-- What providers of other wires want back with the calls of tools that their models made, for clients that drop it: within the
-- key, for a day, sealed. The id is a digest of the call and of where it was made. Without content it is nobody's: two answers
-- have made the same call. What is sealed cannot be compressed.
CREATE TABLE "kept_thoughts" (
    "tenant_id" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "content" BYTEA,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "kept_thoughts_pkey" PRIMARY KEY ("tenant_id","key_id","id"),
    CONSTRAINT "kept_thoughts_id_check" CHECK (char_length("id") = 64),
    CONSTRAINT "kept_thoughts_content_check" CHECK (octet_length("content") <= 2097152)
);
ALTER TABLE "kept_thoughts" ALTER COLUMN "content" SET STORAGE EXTERNAL;

-- What has expired.
CREATE INDEX "kept_thoughts_expires_at_idx" ON "kept_thoughts"("expires_at");

ALTER TABLE "kept_thoughts" ADD CONSTRAINT "kept_thoughts_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;

SELECT gt_protect('kept_thoughts', 'SELECT, INSERT, UPDATE, DELETE');
