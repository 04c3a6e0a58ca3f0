-- How long a tenant keeps what clients asked to store, in days. A constant default: no row is rewritten.
ALTER TABLE "tenants"
  ADD COLUMN "stored_days" INTEGER NOT NULL DEFAULT 30
    CONSTRAINT "tenants_stored_days_check" CHECK ("stored_days" BETWEEN 1 AND 365);

-- Chat completions that a client asked to store. The completion and the messages of its request are kept as the texts in
-- which they are shown again (type json, which keeps a text as it is); metadata may change. `bytes` is the length of the
-- completion's text, so that a list knows where a page ends without reading it.
CREATE TABLE "stored_completions" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "completion" JSON NOT NULL,
    "messages" JSON NOT NULL,
    "bytes" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "stored_completions_pkey" PRIMARY KEY ("tenant_id","id"),
    CONSTRAINT "stored_completions_id_check" CHECK (char_length("id") <= 64),
    CONSTRAINT "stored_completions_model_check" CHECK (char_length("model") <= 512),
    CONSTRAINT "stored_completions_metadata_check" CHECK (jsonb_typeof("metadata") = 'object' AND octet_length("metadata"::text) <= 65536),
    CONSTRAINT "stored_completions_completion_check" CHECK (octet_length("completion"::text) <= 33554432),
    CONSTRAINT "stored_completions_messages_check" CHECK (octet_length("messages"::text) <= 16777216),
    CONSTRAINT "stored_completions_bytes_check" CHECK ("bytes" BETWEEN 0 AND 33554432)
);

-- The list of a key, and what belongs to a key that is deleted.
CREATE INDEX "stored_completions_tenant_id_key_id_created_at_id_idx" ON "stored_completions"("tenant_id", "key_id", "created_at", "id");
-- What has expired.
CREATE INDEX "stored_completions_tenant_id_created_at_idx" ON "stored_completions"("tenant_id", "created_at");

ALTER TABLE "stored_completions" ADD CONSTRAINT "stored_completions_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;

SELECT gt_protect('stored_completions', 'SELECT, INSERT, UPDATE, DELETE');
