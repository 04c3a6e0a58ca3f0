-- Verifications of runbooks that workers make for a tenant. The secrets of a run's keys are in its worker's memory alone; their
-- ids stand here until they are gone, so that whoever takes a run from a dead worker ends them first.
CREATE TABLE "runbook_runs" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    -- The slug of the product.
    "runbook" TEXT NOT NULL,
    -- As they were asked for.
    "model" TEXT,
    "embed_model" TEXT,
    "dataset" TEXT,
    -- Where the platform is called: from its settings, never from a request.
    "origin" TEXT NOT NULL,
    -- Who asked, as the audit names whoever acts.
    "asked_by" TEXT NOT NULL,
    "asked_role" TEXT NOT NULL,
    "request_id" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'queued',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    -- The steps that are over, and of a completed run all else that it gave.
    "steps" JSONB NOT NULL DEFAULT '[]',
    "result" JSONB,
    "outcome" TEXT,
    -- The hash of what the runbook named.
    "sha256" TEXT,
    "error" TEXT,
    "key_ids" TEXT[] DEFAULT '{}',
    -- The worker's run that has it, and until when it has said that it lives.
    "owner" TEXT,
    "claimed_until" TIMESTAMPTZ(3),
    "next_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "runbook_runs_pkey" PRIMARY KEY ("tenant_id","id"),
    CONSTRAINT "runbook_runs_status" CHECK ("status" IN ('queued', 'in_progress', 'completed', 'failed')),
    CONSTRAINT "runbook_runs_outcome" CHECK ("outcome" IN ('pass', 'fail', 'skipped')),
    CONSTRAINT "runbook_runs_asked_role" CHECK ("asked_role" IN ('viewer', 'manager', 'owner', 'operator')),
    CONSTRAINT "runbook_runs_completed" CHECK (
        ("status" = 'completed') = ("outcome" IS NOT NULL) AND ("outcome" IS NULL) = ("result" IS NULL) AND ("outcome" IS NULL) = ("sha256" IS NULL)),
    CONSTRAINT "runbook_runs_failed" CHECK (("status" = 'failed') = ("error" IS NOT NULL)),
    CONSTRAINT "runbook_runs_finished" CHECK (("status" IN ('completed', 'failed')) = ("finished_at" IS NOT NULL)),
    CONSTRAINT "runbook_runs_keys_gone" CHECK ("finished_at" IS NULL OR cardinality("key_ids") = 0),
    CONSTRAINT "runbook_runs_owner" CHECK (("owner" IS NULL) = ("claimed_until" IS NULL)),
    CONSTRAINT "runbook_runs_lengths" CHECK (
        octet_length("runbook") <= 64 AND octet_length("model") <= 1024 AND octet_length("embed_model") <= 1024
        AND octet_length("dataset") <= 1024 AND octet_length("origin") <= 2048 AND octet_length("asked_by") <= 1024
        AND octet_length("error") <= 8192 AND octet_length("steps"::text) <= 1048576 AND octet_length("result"::text) <= 262144
        AND cardinality("key_ids") <= 64)
);

-- The lists of a tenant.
CREATE INDEX "runbook_runs_tenant_id_created_at_id_idx" ON "runbook_runs"("tenant_id", "created_at", "id");
CREATE INDEX "runbook_runs_tenant_id_runbook_created_at_id_idx" ON "runbook_runs"("tenant_id", "runbook", "created_at", "id");
-- What the sweeps look for, and the evidence of a tenant.
CREATE INDEX "runbook_runs_open" ON "runbook_runs"("next_at") WHERE "finished_at" IS NULL;
CREATE INDEX "runbook_runs_ended" ON "runbook_runs"("finished_at") WHERE "finished_at" IS NOT NULL;
CREATE INDEX "runbook_runs_passed" ON "runbook_runs"("tenant_id", "runbook", "finished_at") WHERE "outcome" = 'pass';

ALTER TABLE "runbook_runs" ADD CONSTRAINT "runbook_runs_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;

SELECT gt_protect('runbook_runs', 'SELECT, INSERT, UPDATE, DELETE');
