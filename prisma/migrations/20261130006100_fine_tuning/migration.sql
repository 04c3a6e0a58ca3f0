-- Fine-tuning jobs that a provider does for the tenant. The row says what is to be done next (`step`) and who does it; the
-- provider's own ids stand here and nowhere else, and are never shown.
CREATE TABLE "fine_tuning_jobs" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    -- The published name that was asked for, its connection and its name there, and what it serves.
    "model" TEXT NOT NULL,
    "connection_id" TEXT NOT NULL,
    "base_model" TEXT NOT NULL,
    "modalities" TEXT[] DEFAULT '{}',
    -- As the client gave them.
    "suffix" TEXT,
    "seed" INTEGER,
    "method" JSONB,
    "hyperparameters" JSONB,
    "metadata" JSONB,
    "training_file" TEXT NOT NULL,
    "training_key" TEXT NOT NULL,
    "validation_file" TEXT,
    "validation_key" TEXT,
    -- What goes to the provider as its method, where names differ.
    "sent_method" JSONB,
    "status" TEXT NOT NULL DEFAULT 'validating_files',
    "error" JSONB,
    "step" TEXT NOT NULL DEFAULT 'copy',
    "cancel_wanted" BOOLEAN NOT NULL DEFAULT false,
    -- How often a copy was begun; the provider's id once it is there.
    "training_tries" INTEGER NOT NULL DEFAULT 0,
    "training_copy" TEXT,
    "validation_tries" INTEGER NOT NULL DEFAULT 0,
    "validation_copy" TEXT,
    -- Committed before the job is asked for: behind it, it is never asked for again.
    "sent_at" TIMESTAMPTZ(3),
    "provider_job" TEXT,
    "provider_model" TEXT,
    "provider_hyperparameters" JSONB,
    "trained_tokens" BIGINT,
    "estimated_finish" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "result_sources" TEXT[] DEFAULT '{}',
    "result_files" TEXT[] DEFAULT '{}',
    -- How its model is named here, and that name once the model is there.
    "tuned_name" TEXT NOT NULL,
    "fine_tuned_model" TEXT,
    "model_state" TEXT NOT NULL DEFAULT 'none',
    -- The run that has it, and until when it has said that it lives.
    "owner" TEXT,
    "claimed_until" TIMESTAMPTZ(3),
    "next_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    -- Failures of the provider in a row, and since when it says nothing of the job.
    "failures" INTEGER NOT NULL DEFAULT 0,
    "silent_since" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "fine_tuning_jobs_pkey" PRIMARY KEY ("tenant_id","id"),
    CONSTRAINT "fine_tuning_jobs_status" CHECK ("status" IN ('validating_files', 'queued', 'running', 'succeeded', 'failed', 'cancelled')),
    CONSTRAINT "fine_tuning_jobs_step" CHECK ("step" IN ('copy', 'create', 'follow', 'finish', 'clean', 'done')),
    CONSTRAINT "fine_tuning_jobs_model_state" CHECK ("model_state" IN ('none', 'live', 'deleting', 'deleted')),
    CONSTRAINT "fine_tuning_jobs_model" CHECK (("model_state" = 'none') = ("fine_tuned_model" IS NULL)),
    CONSTRAINT "fine_tuning_jobs_sent" CHECK ("provider_job" IS NULL OR "sent_at" IS NOT NULL),
    CONSTRAINT "fine_tuning_jobs_owner" CHECK (("owner" IS NULL) = ("claimed_until" IS NULL)),
    CONSTRAINT "fine_tuning_jobs_lengths" CHECK (char_length("model") <= 512 AND char_length("base_model") <= 512 AND char_length("suffix") <= 64
      AND char_length("tuned_name") <= 256 AND char_length("fine_tuned_model") <= 256 AND char_length("provider_job") <= 256 AND char_length("provider_model") <= 512
      AND octet_length("method"::text) <= 262144 AND octet_length("sent_method"::text) <= 262144
      AND octet_length("hyperparameters"::text) <= 4096 AND octet_length("provider_hyperparameters"::text) <= 4096
      AND octet_length("metadata"::text) <= 65536 AND octet_length("error"::text) <= 8192
      AND cardinality("result_sources") <= 64 AND cardinality("result_files") <= 64)
);

-- The list of a tenant, and a model by its name.
CREATE INDEX "fine_tuning_jobs_tenant_id_created_at_id_idx" ON "fine_tuning_jobs"("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "fine_tuning_jobs_tenant_id_fine_tuned_model_key" ON "fine_tuning_jobs"("tenant_id", "fine_tuned_model");
-- What the sweep looks for.
CREATE INDEX "fine_tuning_jobs_open" ON "fine_tuning_jobs"("next_at") WHERE "step" <> 'done' OR "model_state" = 'deleting';

-- What a provider has told of a job, cleaned, in the order in which it was told.
CREATE TABLE "fine_tuning_events" (
    "tenant_id" TEXT NOT NULL,
    "job_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "place" INTEGER NOT NULL,
    "provider_id" TEXT NOT NULL,
    "level" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "data" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "fine_tuning_events_pkey" PRIMARY KEY ("tenant_id","job_id","id"),
    CONSTRAINT "fine_tuning_events_level" CHECK ("level" IN ('info', 'warn', 'error') AND "type" IN ('message', 'metrics')),
    CONSTRAINT "fine_tuning_events_lengths" CHECK (char_length("provider_id") <= 256 AND char_length("message") <= 1024 AND octet_length("data"::text) <= 16384)
);

CREATE UNIQUE INDEX "fine_tuning_events_tenant_id_job_id_place_key" ON "fine_tuning_events"("tenant_id", "job_id", "place");
CREATE UNIQUE INDEX "fine_tuning_events_tenant_id_job_id_provider_id_key" ON "fine_tuning_events"("tenant_id", "job_id", "provider_id");

CREATE TABLE "fine_tuning_checkpoints" (
    "tenant_id" TEXT NOT NULL,
    "job_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "place" INTEGER NOT NULL,
    "provider_id" TEXT NOT NULL,
    "provider_model" TEXT NOT NULL,
    "step_number" INTEGER NOT NULL,
    "metrics" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "fine_tuning_checkpoints_pkey" PRIMARY KEY ("tenant_id","job_id","id"),
    CONSTRAINT "fine_tuning_checkpoints_lengths" CHECK (char_length("provider_id") <= 256 AND char_length("provider_model") <= 512 AND octet_length("metrics"::text) <= 16384)
);

CREATE UNIQUE INDEX "fine_tuning_checkpoints_tenant_id_job_id_place_key" ON "fine_tuning_checkpoints"("tenant_id", "job_id", "place");
CREATE UNIQUE INDEX "fine_tuning_checkpoints_tenant_id_job_id_provider_id_key" ON "fine_tuning_checkpoints"("tenant_id", "job_id", "provider_id");

ALTER TABLE "fine_tuning_jobs" ADD CONSTRAINT "fine_tuning_jobs_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;
ALTER TABLE "fine_tuning_events" ADD CONSTRAINT "fine_tuning_events_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;
ALTER TABLE "fine_tuning_events" ADD CONSTRAINT "fine_tuning_events_tenant_id_job_id_fkey" FOREIGN KEY ("tenant_id", "job_id") REFERENCES "fine_tuning_jobs"("tenant_id", "id") ON DELETE CASCADE;
ALTER TABLE "fine_tuning_checkpoints" ADD CONSTRAINT "fine_tuning_checkpoints_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;
ALTER TABLE "fine_tuning_checkpoints" ADD CONSTRAINT "fine_tuning_checkpoints_tenant_id_job_id_fkey" FOREIGN KEY ("tenant_id", "job_id") REFERENCES "fine_tuning_jobs"("tenant_id", "id") ON DELETE CASCADE;

SELECT gt_protect('fine_tuning_jobs', 'SELECT, INSERT, UPDATE, DELETE');
SELECT gt_protect('fine_tuning_events', 'SELECT, INSERT, UPDATE, DELETE');
SELECT gt_protect('fine_tuning_checkpoints', 'SELECT, INSERT, UPDATE, DELETE');
