-- Secrets that a rotation replaced and that sign beside the new one until their time is over.
CREATE TABLE "webhook_former_secrets" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "webhook_id" TEXT NOT NULL,
    "secret" BYTEA NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "webhook_former_secrets_pkey" PRIMARY KEY ("tenant_id","id")
);

CREATE INDEX "webhook_former_secrets_tenant_id_webhook_id_idx" ON "webhook_former_secrets"("tenant_id", "webhook_id");
CREATE INDEX "webhook_former_secrets_expires_at_idx" ON "webhook_former_secrets"("expires_at");

ALTER TABLE "webhook_former_secrets" ADD CONSTRAINT "webhook_former_secrets_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "webhook_former_secrets" ADD CONSTRAINT "webhook_former_secrets_tenant_id_webhook_id_fkey" FOREIGN KEY ("tenant_id", "webhook_id") REFERENCES "webhooks"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

SELECT gt_protect('webhook_former_secrets'::regclass, 'SELECT, INSERT, UPDATE, DELETE');

-- An overlap of more than half a chunk was always cut to the half. Now it is refused, so what is stored says what is done:
-- the passages stay as they are. The owner of the table sees no rows through its policies, the platform role sees all.
SET LOCAL ROLE gt_platform;
UPDATE "datasets" SET "overlap_tokens" = "chunk_tokens" / 2 WHERE "overlap_tokens" > "chunk_tokens" / 2;
RESET ROLE;
