-- Tenants that are being erased, or were. A row outlives its tenant, and names it by its id alone once nothing is left of it.
CREATE TABLE "erasures" (
  "id" TEXT NOT NULL,
  "tenant" TEXT NOT NULL,
  "slug" TEXT,
  "state" TEXT NOT NULL DEFAULT 'running',
  "attempts" INTEGER NOT NULL DEFAULT 0,
  "next_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "claimed_until" TIMESTAMPTZ(3),
  "failure" TEXT,
  "proof" JSONB,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "finished_at" TIMESTAMPTZ(3),
  CONSTRAINT "erasures_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "erasures_state_check" CHECK ("state" IN ('running', 'done')),
  CONSTRAINT "erasures_done_check" CHECK (("state" = 'done') = ("finished_at" IS NOT NULL) AND ("state" = 'running' OR "slug" IS NULL))
);
CREATE UNIQUE INDEX "erasures_tenant_key" ON "erasures" ("tenant");
CREATE INDEX "erasures_created_at_id_idx" ON "erasures" ("created_at", "id");
GRANT SELECT, INSERT, UPDATE ON "erasures" TO gt_platform;
