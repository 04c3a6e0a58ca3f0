-- Batches that a provider makes for the tenant. What begins with `provider` and the files are the provider's ids.
CREATE TABLE "batch_handovers" (
    "tenant_id" TEXT NOT NULL,
    "batch_id" TEXT NOT NULL,
    "connection_id" TEXT NOT NULL,
    -- The published name of its agent, and the model that the agent asks.
    "alias" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    -- What is to be done next; `kept`: the platform makes its requests after all.
    "step" TEXT NOT NULL DEFAULT 'send',
    "file_tries" INTEGER NOT NULL DEFAULT 0,
    "provider_file" TEXT,
    "provider_endpoint" TEXT,
    -- Committed before the provider is asked for its batch.
    "sent_at" TIMESTAMPTZ(3),
    "provider_batch" TEXT,
    "cancel_sent" BOOLEAN NOT NULL DEFAULT false,
    -- How it has ended at the provider, and the provider's files with the answers.
    "ended_as" TEXT,
    "output_file" TEXT,
    "error_file" TEXT,
    -- How often the provider was asked without news, and how often that failed.
    "polls" INTEGER NOT NULL DEFAULT 0,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "next_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "batch_handovers_pkey" PRIMARY KEY ("tenant_id","batch_id"),
    CONSTRAINT "batch_handovers_step" CHECK ("step" IN ('send', 'follow', 'collect', 'clean', 'done', 'kept')),
    CONSTRAINT "batch_handovers_ended_as" CHECK ("ended_as" IN ('completed', 'expired', 'cancelled')),
    CONSTRAINT "batch_handovers_lengths" CHECK (
        octet_length("alias") <= 1024 AND octet_length("model") <= 1024 AND octet_length("provider_endpoint") <= 64
        AND octet_length("provider_file") <= 256 AND octet_length("provider_batch") <= 256
        AND octet_length("output_file") <= 256 AND octet_length("error_file") <= 256)
);

ALTER TABLE "batch_handovers" ADD CONSTRAINT "batch_handovers_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;
ALTER TABLE "batch_handovers" ADD CONSTRAINT "batch_handovers_tenant_id_batch_id_fkey" FOREIGN KEY ("tenant_id", "batch_id") REFERENCES "batches"("tenant_id", "id") ON DELETE CASCADE;

SELECT gt_protect('batch_handovers', 'SELECT, INSERT, UPDATE, DELETE');

-- `hand` does what is next at a batch that its provider makes. There is one at a time.
ALTER TABLE "batch_runs" DROP CONSTRAINT "batch_runs_task";
ALTER TABLE "batch_runs" ADD CONSTRAINT "batch_runs_task" CHECK ("task" IN ('check', 'lines', 'write', 'hand'));
