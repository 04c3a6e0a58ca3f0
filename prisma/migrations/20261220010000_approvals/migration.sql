-- Routes whose calls are held until somebody approves them: ids of the route table, or `*`.
ALTER TABLE "keys" ADD COLUMN "approval" TEXT[] DEFAULT ARRAY[]::TEXT[];
ALTER TABLE "tenants" ADD COLUMN "approval" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- A call that is held, and what became of it.
CREATE TABLE "approvals" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    -- The key that asked. A deleted key takes its calls with it.
    "key_id" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'pending',
    -- Row of the route table.
    "route" TEXT NOT NULL,
    "method" TEXT NOT NULL,
    -- Without its query.
    "path" TEXT NOT NULL,
    "model" TEXT,
    -- Says which request it is, like that of an Idempotency-Key; the second one is that of the body alone.
    "request_hash" TEXT NOT NULL,
    "body_sha256" TEXT NOT NULL,
    -- Hash of the Idempotency-Key, where the request had one.
    "idempotency_id" TEXT,
    -- Sealed: query, headers and the address of the asker. Null once the call has ended.
    "head" BYTEA,
    "body_bytes" INTEGER NOT NULL,
    "body_parts" INTEGER NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "decided_by" TEXT,
    "decided_at" TIMESTAMPTZ(3),
    "reason" TEXT,
    -- The run that makes the call; every write of a run names it.
    "owner" TEXT,
    "beat_at" TIMESTAMPTZ(3),
    -- Committed before the call can reach a provider: behind it nothing is run again.
    "sent_at" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "due_at" TIMESTAMPTZ(3),
    -- The request id of the run.
    "request_id" TEXT,
    "ended_at" TIMESTAMPTZ(3),
    "status" INTEGER,
    "headers" JSONB,
    "result_bytes" INTEGER NOT NULL DEFAULT 0,
    "result_parts" INTEGER NOT NULL DEFAULT 0,
    -- Until when the result can be fetched.
    "kept_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "approvals_pkey" PRIMARY KEY ("tenant_id","id"),
    CONSTRAINT "approvals_state" CHECK ("state" IN ('pending', 'approved', 'running', 'completed', 'rejected', 'expired')),
    CONSTRAINT "approvals_decided" CHECK ("state" = 'expired' OR ("state" = 'pending') = ("decided_at" IS NULL)),
    CONSTRAINT "approvals_owned" CHECK (("state" = 'running') = ("owner" IS NOT NULL)),
    CONSTRAINT "approvals_ended" CHECK (("state" = 'completed') = ("status" IS NOT NULL)),
    CONSTRAINT "approvals_head" CHECK ("state" NOT IN ('pending', 'approved', 'running') OR "head" IS NOT NULL),
    CONSTRAINT "approvals_reason_length" CHECK (octet_length("reason") <= 4096)
);

-- The list, and those of a key.
CREATE INDEX "approvals_tenant_id_created_at_id_idx" ON "approvals"("tenant_id", "created_at", "id");
CREATE INDEX "approvals_tenant_id_key_id_created_at_id_idx" ON "approvals"("tenant_id", "key_id", "created_at", "id");
-- A request under an Idempotency-Key, and the same request that is asked for again before it has ended.
CREATE UNIQUE INDEX "approvals_idempotency" ON "approvals"("tenant_id", "key_id", "idempotency_id");
CREATE UNIQUE INDEX "approvals_same_request" ON "approvals"("tenant_id", "key_id", "request_hash")
    WHERE "idempotency_id" IS NULL AND "state" IN ('pending', 'approved', 'running');
-- What is to be run, what runs, what may have expired.
CREATE INDEX "approvals_open" ON "approvals"("state", "due_at") WHERE "state" IN ('pending', 'approved', 'running');
CREATE INDEX "approvals_kept_until_idx" ON "approvals"("kept_until");

ALTER TABLE "approvals" ADD CONSTRAINT "approvals_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_tenant_id_key_id_fkey" FOREIGN KEY ("tenant_id", "key_id") REFERENCES "keys"("tenant_id", "id") ON DELETE CASCADE;

SELECT gt_protect('approvals', 'SELECT, INSERT, UPDATE, DELETE');

-- The body of a held request and the bytes of its result, each sealed piece by piece.
CREATE TABLE "approval_parts" (
    "tenant_id" TEXT NOT NULL,
    "approval_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "approval_parts_pkey" PRIMARY KEY ("tenant_id","approval_id","kind","number"),
    CONSTRAINT "approval_parts_kind" CHECK ("kind" IN ('request', 'result'))
);

-- Sealed bytes do not become shorter.
ALTER TABLE "approval_parts" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;

ALTER TABLE "approval_parts" ADD CONSTRAINT "approval_parts_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;
ALTER TABLE "approval_parts" ADD CONSTRAINT "approval_parts_tenant_id_approval_id_fkey" FOREIGN KEY ("tenant_id", "approval_id") REFERENCES "approvals"("tenant_id", "id") ON DELETE CASCADE;

SELECT gt_protect('approval_parts', 'SELECT, INSERT, DELETE');
