-- How connections fare in each process: what its breaker does, and the calls of the last minutes. Written beside the calls every
-- few seconds, read by the admin plane, and gone when it is old. Codes of failures are the platform's own, never a provider's text.
CREATE TABLE "connection_health" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "process" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "retry_at" TIMESTAMPTZ(3),
    "calls" INTEGER NOT NULL,
    "failures" INTEGER NOT NULL,
    "failure_code" TEXT,
    "failed_at" TIMESTAMPTZ(3),
    "written_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "connection_health_pkey" PRIMARY KEY ("tenant_id","id","process"),
    CONSTRAINT "connection_health_state" CHECK ("state" IN ('closed', 'half_open', 'open')),
    CONSTRAINT "connection_health_lengths" CHECK (char_length("process") <= 64 AND char_length("failure_code") <= 64)
);

-- What is old.
CREATE INDEX "connection_health_written_at_idx" ON "connection_health"("written_at");

ALTER TABLE "connection_health" ADD CONSTRAINT "connection_health_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;
ALTER TABLE "connection_health" ADD CONSTRAINT "connection_health_tenant_id_id_fkey" FOREIGN KEY ("tenant_id", "id") REFERENCES "connections"("tenant_id", "id") ON DELETE CASCADE;

SELECT gt_protect('connection_health', 'SELECT');
