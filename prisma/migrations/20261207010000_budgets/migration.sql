-- In which days, weeks and months a tenant's budgets are counted: an IANA name.
ALTER TABLE "tenants" ADD COLUMN "time_zone" TEXT NOT NULL DEFAULT 'UTC';
ALTER TABLE "tenants" ADD CONSTRAINT "tenants_time_zone_length" CHECK (octet_length("time_zone") <= 64);

-- What the calls of a tenant, a key or an endpoint may take in a window of time.
CREATE TABLE "budgets" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    -- Whose calls count: both null, all of the tenant's.
    "key_id" TEXT,
    "endpoint_id" TEXT,
    "span" TEXT NOT NULL,
    -- What is counted: charges in this currency, in micro-units. Null: tokens.
    "currency" TEXT,
    "amount" BIGINT NOT NULL,
    -- At how many hundredths of the amount somebody is told.
    "soft_percent" INTEGER,
    -- Whether calls are refused when it is spent.
    "hard" BOOLEAN NOT NULL DEFAULT true,
    -- What becomes of calls that no price in this currency covers.
    "unpriced" TEXT NOT NULL DEFAULT 'refuse',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "budgets_pkey" PRIMARY KEY ("tenant_id","id"),
    CONSTRAINT "budgets_subject" CHECK ("key_id" IS NULL OR "endpoint_id" IS NULL),
    CONSTRAINT "budgets_span" CHECK ("span" IN ('day', 'week', 'month', 'total')),
    CONSTRAINT "budgets_currency" CHECK ("currency" ~ '^[A-Z]{3}$'),
    CONSTRAINT "budgets_amount" CHECK ("amount" BETWEEN 0 AND 9007199254740991),
    CONSTRAINT "budgets_soft_percent" CHECK ("soft_percent" BETWEEN 1 AND 100),
    CONSTRAINT "budgets_unpriced" CHECK ("unpriced" IN ('refuse', 'allow'))
);

-- One of a kind for each subject.
CREATE UNIQUE INDEX "budgets_once_a_subject" ON "budgets"("tenant_id", coalesce("key_id", ''), coalesce("endpoint_id", ''), "span", coalesce("currency", ''));
-- The list.
CREATE INDEX "budgets_tenant_id_created_at_id_idx" ON "budgets"("tenant_id", "created_at", "id");
CREATE INDEX "budgets_tenant_id_key_id_idx" ON "budgets"("tenant_id", "key_id");
CREATE INDEX "budgets_tenant_id_endpoint_id_idx" ON "budgets"("tenant_id", "endpoint_id");

ALTER TABLE "budgets" ADD CONSTRAINT "budgets_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;
ALTER TABLE "budgets" ADD CONSTRAINT "budgets_tenant_id_key_id_fkey" FOREIGN KEY ("tenant_id", "key_id") REFERENCES "keys"("tenant_id", "id") ON DELETE CASCADE;
ALTER TABLE "budgets" ADD CONSTRAINT "budgets_tenant_id_endpoint_id_fkey" FOREIGN KEY ("tenant_id", "endpoint_id") REFERENCES "endpoints"("tenant_id", "id") ON DELETE CASCADE;

SELECT gt_protect('budgets', 'SELECT, INSERT, UPDATE, DELETE');

-- Processes keep budgets in memory.
CREATE TRIGGER budgets_change AFTER INSERT OR UPDATE OR DELETE ON "budgets" FOR EACH ROW EXECUTE FUNCTION gt_record_change();

-- One window of a budget that calls were made in. Its row is the lock of all that changes what is left of it.
CREATE TABLE "budget_periods" (
    "tenant_id" TEXT NOT NULL,
    "budget_id" TEXT NOT NULL,
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    -- Null: it has no end.
    "ends_at" TIMESTAMPTZ(3),
    -- What the calls in the ledger took.
    "settled" BIGINT NOT NULL DEFAULT 0,
    -- Until when processes keep nothing ahead, since there is too little for all.
    "short_until" TIMESTAMPTZ(3),
    -- When somebody was told that the soft threshold was passed, and that the budget was spent.
    "warned_at" TIMESTAMPTZ(3),
    "spent_at" TIMESTAMPTZ(3),

    CONSTRAINT "budget_periods_pkey" PRIMARY KEY ("tenant_id","budget_id","starts_at")
) WITH (fillfactor = 50);

ALTER TABLE "budget_periods" ADD CONSTRAINT "budget_periods_tenant_id_budget_id_fkey" FOREIGN KEY ("tenant_id", "budget_id") REFERENCES "budgets"("tenant_id", "id") ON DELETE CASCADE;

SELECT gt_protect('budget_periods', 'SELECT');

-- What a process has taken out of a period, to reserve calls from it without asking.
CREATE TABLE "budget_slices" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "budget_id" TEXT NOT NULL,
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    -- The folder of the journal that says what became of it.
    "journal" TEXT NOT NULL,
    -- All that was taken and not given back: what is free, what is reserved, and what was spent.
    "held" BIGINT NOT NULL DEFAULT 0,
    "free" BIGINT NOT NULL DEFAULT 0,
    "reserved" BIGINT NOT NULL DEFAULT 0,
    -- As much of it as the ledger has.
    "settled" BIGINT NOT NULL DEFAULT 0,
    -- The last exchange that was heard.
    "turn" INTEGER NOT NULL DEFAULT 0,
    -- Closed: what of it is not in the ledger was given back. Assumed: its process is gone, and it counts as spent.
    "state" TEXT NOT NULL DEFAULT 'open',
    "said_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "budget_slices_pkey" PRIMARY KEY ("tenant_id","id"),
    CONSTRAINT "budget_slices_state" CHECK ("state" IN ('open', 'closed', 'assumed'))
) WITH (fillfactor = 50);

CREATE INDEX "budget_slices_of_period" ON "budget_slices"("tenant_id", "budget_id", "starts_at") WHERE "state" <> 'closed';
CREATE INDEX "budget_slices_of_journal" ON "budget_slices"("journal") WHERE "state" <> 'closed';

ALTER TABLE "budget_slices" ADD CONSTRAINT "budget_slices_period_fkey" FOREIGN KEY ("tenant_id", "budget_id", "starts_at") REFERENCES "budget_periods"("tenant_id", "budget_id", "starts_at") ON DELETE CASCADE;

SELECT gt_protect('budget_slices', 'SELECT');

-- What became of each call that a budget counts. Nothing in it is ever changed.
CREATE TABLE "ledger_entries" (
    "tenant_id" TEXT NOT NULL,
    "call_id" TEXT NOT NULL,
    "budget_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    -- 0; 1 where a dead process's journal was taken over before the call had an end; 2 takes that back.
    "part" INTEGER NOT NULL DEFAULT 0,
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "slice_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    -- Micro-units of the currency, or tokens where it is null.
    "amount" BIGINT NOT NULL,
    "currency" TEXT,
    "tokens" INTEGER NOT NULL DEFAULT 0,
    -- Nobody knows what the call took: its reservation counts.
    "is_assumed" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "ledger_entries_pkey" PRIMARY KEY ("tenant_id","call_id","budget_id","kind","part"),
    CONSTRAINT "ledger_entries_kind" CHECK ("kind" IN ('reserve', 'settle', 'release'))
);

CREATE INDEX "ledger_entries_of_period" ON "ledger_entries"("tenant_id", "budget_id", "starts_at");

ALTER TABLE "ledger_entries" ADD CONSTRAINT "ledger_entries_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;

SELECT gt_protect('ledger_entries', 'SELECT');

-- Budgets were stored with their tenant before, and nothing enforced them.
INSERT INTO budgets (tenant_id, id, span, amount)
SELECT t.id, 'bud_' || replace(gen_random_uuid()::text, '-', ''), old.span, least((t.budgets ->> old.name)::numeric, 9007199254740991)::bigint
  FROM tenants t CROSS JOIN (VALUES ('tokens_per_day', 'day'), ('tokens_per_month', 'month')) AS old (name, span)
 WHERE jsonb_typeof(t.budgets -> old.name) = 'number';
