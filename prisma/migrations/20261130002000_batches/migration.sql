-- Batches: many requests in one file, made by workers while nobody waits for them.
CREATE TABLE "batches" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    -- The key that made it: its rights count for every line, and its lines are booked on it.
    "key_id" TEXT NOT NULL,
    "ip" TEXT NOT NULL,
    -- The path of its requests, e.g. /v1/embeddings, and that path's row of the route table.
    "endpoint" TEXT NOT NULL,
    "route" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'validating',
    -- What it is once its files are written.
    "ends_as" TEXT NOT NULL DEFAULT 'completed',
    "input_file_id" TEXT NOT NULL,
    -- The content of the input, which stays when the file is deleted meanwhile.
    "storage_key" TEXT NOT NULL,
    "input_bytes" BIGINT NOT NULL,
    "output_file_id" TEXT,
    "error_file_id" TEXT,
    -- How long the files that it makes live, in seconds; null: until they are deleted.
    "output_seconds" INTEGER,
    "metadata" JSONB,
    -- What is wrong with the input, as a list of {code, line, message, param}.
    "errors" JSONB,
    "total" INTEGER NOT NULL DEFAULT 0,
    "completed" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "input_tokens" BIGINT NOT NULL DEFAULT 0,
    "cached_input_tokens" BIGINT NOT NULL DEFAULT 0,
    "output_tokens" BIGINT NOT NULL DEFAULT 0,
    "reasoning_tokens" BIGINT NOT NULL DEFAULT 0,
    "total_tokens" BIGINT NOT NULL DEFAULT 0,
    -- How many runs workers have begun for it: the next job's name.
    "runs" INTEGER NOT NULL DEFAULT 0,
    -- It has ended, and its requests are removed.
    "cleared" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "window_ends_at" TIMESTAMPTZ(3) NOT NULL,
    "in_progress_at" TIMESTAMPTZ(3),
    "finalizing_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "failed_at" TIMESTAMPTZ(3),
    "expired_at" TIMESTAMPTZ(3),
    "cancelling_at" TIMESTAMPTZ(3),
    "cancelled_at" TIMESTAMPTZ(3),

    CONSTRAINT "batches_pkey" PRIMARY KEY ("tenant_id","id"),
    CONSTRAINT "batches_status" CHECK ("status" IN ('validating', 'failed', 'in_progress', 'finalizing', 'completed', 'expired', 'cancelling', 'cancelled')),
    CONSTRAINT "batches_ends_as" CHECK ("ends_as" IN ('completed', 'expired', 'cancelled')),
    CONSTRAINT "batches_counts" CHECK ("completed" >= 0 AND "failed" >= 0 AND "completed" + "failed" <= "total"),
    CONSTRAINT "batches_lengths" CHECK (octet_length("ip") <= 128 AND octet_length("endpoint") <= 64 AND octet_length("route") <= 64)
);
CREATE INDEX "batches_tenant_id_created_at_id_idx" ON "batches" ("tenant_id", "created_at", "id");
-- What the sweep looks for, and what counts towards the limit of a tenant.
CREATE INDEX "batches_uncleared" ON "batches" ("tenant_id", "id") WHERE NOT "cleared";
CREATE INDEX "batches_open" ON "batches" ("tenant_id", "status") WHERE "status" IN ('validating', 'in_progress', 'finalizing', 'cancelling');

-- The requests of a batch. They go when its files are written.
CREATE TABLE "batch_lines" (
    "tenant_id" TEXT NOT NULL,
    "batch_id" TEXT NOT NULL,
    -- Of the line in the input, from 1 on.
    "number" INTEGER NOT NULL,
    "custom_id" TEXT NOT NULL,
    -- Where the request's body stands in the input.
    "body_offset" BIGINT NOT NULL,
    "body_bytes" INTEGER NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'pending',
    -- The run that has it.
    "owner" TEXT,
    -- How often something that may pass went wrong, and when it is tried again.
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "retry_at" TIMESTAMPTZ(3),
    -- How many runs died that had it.
    "deaths" INTEGER NOT NULL DEFAULT 0,
    -- Its line of the output, JSON without a line break.
    "answer" TEXT,

    CONSTRAINT "batch_lines_pkey" PRIMARY KEY ("tenant_id","batch_id","number"),
    CONSTRAINT "batch_lines_state" CHECK ("state" IN ('pending', 'running', 'done', 'failed')),
    CONSTRAINT "batch_lines_owner" CHECK (("state" = 'running') = ("owner" IS NOT NULL)),
    CONSTRAINT "batch_lines_answer" CHECK (("state" IN ('done', 'failed')) = ("answer" IS NOT NULL)),
    CONSTRAINT "batch_lines_lengths" CHECK (octet_length("custom_id") <= 2048)
);
CREATE INDEX "batch_lines_pending" ON "batch_lines" ("tenant_id", "batch_id", "number") WHERE "state" = 'pending';
CREATE INDEX "batch_lines_running" ON "batch_lines" ("tenant_id", "batch_id", "owner") WHERE "state" = 'running';

-- What workers do at batches now. A run that is silent is dead: its row goes, and what it held is free again.
CREATE TABLE "batch_runs" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "batch_id" TEXT NOT NULL,
    -- `check` reads the input, `lines` makes requests, `write` makes the files. Of the first and the last there is one at a time.
    "task" TEXT NOT NULL,
    "beat_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "batch_runs_pkey" PRIMARY KEY ("tenant_id","id"),
    CONSTRAINT "batch_runs_task" CHECK ("task" IN ('check', 'lines', 'write'))
);
CREATE INDEX "batch_runs_tenant_id_batch_id_idx" ON "batch_runs" ("tenant_id", "batch_id");
CREATE UNIQUE INDEX "batch_runs_alone" ON "batch_runs" ("tenant_id", "batch_id") WHERE "task" <> 'lines';

ALTER TABLE "batches" ADD CONSTRAINT "batches_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;
ALTER TABLE "batch_lines" ADD CONSTRAINT "batch_lines_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;
ALTER TABLE "batch_lines" ADD CONSTRAINT "batch_lines_tenant_id_batch_id_fkey" FOREIGN KEY ("tenant_id", "batch_id") REFERENCES "batches"("tenant_id", "id") ON DELETE CASCADE;
ALTER TABLE "batch_runs" ADD CONSTRAINT "batch_runs_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;
ALTER TABLE "batch_runs" ADD CONSTRAINT "batch_runs_tenant_id_batch_id_fkey" FOREIGN KEY ("tenant_id", "batch_id") REFERENCES "batches"("tenant_id", "id") ON DELETE CASCADE;

SELECT gt_protect('batches', 'SELECT, INSERT, UPDATE, DELETE');
SELECT gt_protect('batch_lines', 'SELECT, INSERT, UPDATE, DELETE');
SELECT gt_protect('batch_runs', 'SELECT, INSERT, UPDATE, DELETE');
