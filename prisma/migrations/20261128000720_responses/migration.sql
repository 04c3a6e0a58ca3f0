-- Responses that are kept, as their client got them, under ids of the platform's own.
CREATE TABLE "responses" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    -- The object as JSON text: jsonb would sort its members and change its numbers.
    "object" TEXT NOT NULL,
    "previous_response_id" TEXT,
    "conversation_id" TEXT,
    -- All that the model was given before this request's own input, then the input, then the answer: a chain is written out,
    -- so that its depth costs nothing when it is read.
    "earlier_ids" TEXT[] DEFAULT '{}',
    "input_ids" TEXT[] DEFAULT '{}',
    "output_ids" TEXT[] DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "responses_pkey" PRIMARY KEY ("tenant_id","id"),
    CONSTRAINT "responses_status" CHECK ("status" IN ('queued', 'in_progress', 'completed', 'incomplete', 'failed', 'cancelled'))
);

CREATE INDEX "responses_tenant_id_key_id_idx" ON "responses"("tenant_id", "key_id");
CREATE INDEX "responses_expires_at_idx" ON "responses"("expires_at");

-- The items of kept responses, each once, whichever responses of a chain go on with it.
CREATE TABLE "response_items" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "item" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    -- The latest of those of the responses that go on with it.
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "response_items_pkey" PRIMARY KEY ("tenant_id","id")
);

CREATE INDEX "response_items_tenant_id_key_id_idx" ON "response_items"("tenant_id", "key_id");
CREATE INDEX "response_items_expires_at_idx" ON "response_items"("expires_at");

ALTER TABLE "responses" ADD CONSTRAINT "responses_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;
ALTER TABLE "response_items" ADD CONSTRAINT "response_items_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;

SELECT gt_protect('responses', 'SELECT, INSERT, UPDATE, DELETE');
SELECT gt_protect('response_items', 'SELECT, INSERT, UPDATE, DELETE');
