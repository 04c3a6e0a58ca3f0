-- A vector store of OpenAI's API is a row of `datasets`: passages, vectors, word search and the pipeline are the same. What
-- only OpenAI has stands in `vector_stores`.
ALTER TABLE "datasets" ADD COLUMN "kind" TEXT NOT NULL DEFAULT 'dataset';
ALTER TABLE "datasets" ADD CONSTRAINT "datasets_kind" CHECK ("kind" IN ('dataset', 'vector_store')) NOT VALID;
ALTER TABLE "datasets" VALIDATE CONSTRAINT "datasets_kind";

CREATE TABLE "vector_stores" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL DEFAULT '',
    "description" TEXT,
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "state" TEXT NOT NULL DEFAULT 'active',
    "expires_days" INTEGER,
    "last_active_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "vector_stores_pkey" PRIMARY KEY ("tenant_id","id"),
    CONSTRAINT "vector_stores_state" CHECK ("state" IN ('active', 'expired', 'deleting'))
);
-- What the sweep looks for.
CREATE INDEX "vector_stores_expiring" ON "vector_stores" ("last_active_at") WHERE "expires_days" IS NOT NULL AND "state" = 'active';
CREATE INDEX "vector_stores_leaving" ON "vector_stores" ("tenant_id", "id") WHERE "state" <> 'active';
ALTER TABLE "vector_stores" ADD CONSTRAINT "vector_stores_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;
ALTER TABLE "vector_stores" ADD CONSTRAINT "vector_stores_tenant_id_id_fkey" FOREIGN KEY ("tenant_id", "id") REFERENCES "datasets"("tenant_id", "id") ON DELETE CASCADE;
SELECT gt_protect('vector_stores', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE "vector_store_file_batches" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "store_id" TEXT NOT NULL,
    "cancelled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "vector_store_file_batches_pkey" PRIMARY KEY ("tenant_id","id")
);
CREATE INDEX "vector_store_file_batches_tenant_id_store_id_idx" ON "vector_store_file_batches" ("tenant_id", "store_id");
ALTER TABLE "vector_store_file_batches" ADD CONSTRAINT "vector_store_file_batches_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;
ALTER TABLE "vector_store_file_batches" ADD CONSTRAINT "vector_store_file_batches_tenant_id_store_id_fkey" FOREIGN KEY ("tenant_id", "store_id") REFERENCES "vector_stores"("tenant_id", "id") ON DELETE CASCADE;
SELECT gt_protect('vector_store_file_batches', 'SELECT, INSERT, UPDATE, DELETE');

-- What a file has in one store: the client's attributes, what its passages and vectors take, and whom its embeddings are
-- booked on. `batch_id` is the batch that attached it last. `leaving`: it was taken from the store; a job removes its passages.
ALTER TABLE "ingestions" ADD COLUMN "attributes" JSONB NOT NULL DEFAULT '{}';
ALTER TABLE "ingestions" ADD COLUMN "usage_bytes" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "ingestions" ADD COLUMN "batch_id" TEXT;
ALTER TABLE "ingestions" ADD COLUMN "key_id" TEXT;
ALTER TABLE "ingestions" ADD COLUMN "leaving" BOOLEAN NOT NULL DEFAULT false;
CREATE INDEX "ingestions_batch" ON "ingestions" ("tenant_id", "batch_id") WHERE "batch_id" IS NOT NULL;
CREATE INDEX "ingestions_leaving" ON "ingestions" ("tenant_id", "id") WHERE "leaving";

-- The model that stores embed with, as an administrator names it: {connection, model}.
ALTER TABLE "tenants" ADD COLUMN "vector_store_embedding" JSONB;

-- A passage that was embedded before is found by a keyed hash of connection, model and text.
ALTER TABLE "passage_vectors" ADD COLUMN "text_hash" BYTEA;
CREATE INDEX "passage_vectors_text_hash" ON "passage_vectors" ("tenant_id", "text_hash") WHERE "text_hash" IS NOT NULL;

-- The release before knows no stores. Its transactions do not say that they do: they see none among the datasets, so it
-- lists, exports and prunes none, and it claims no attachment, since it would find no settings for it.
CREATE POLICY "knows_stores" ON "datasets" AS RESTRICTIVE TO gt_app, gt_platform
  USING ("kind" = 'dataset' OR current_setting('gt.vector_stores', true) = 'on');
CREATE POLICY "knows_stores" ON "ingestions" AS RESTRICTIVE FOR UPDATE TO gt_app, gt_platform
  USING ("target_id" NOT LIKE 'vs\_%' OR current_setting('gt.vector_stores', true) = 'on');
