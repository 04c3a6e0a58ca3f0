-- What providers take for their models, for the whole platform; what differs for one tenant; and what is put on a cost.
-- Amounts are whole micro-units of the currency. A row holds from its moment on, until the next one of the same model.
CREATE TABLE "prices" (
    "id" TEXT NOT NULL,
    -- The id of a known provider.
    "provider" TEXT NOT NULL,
    -- The provider's own name of the model; `*`: all that have no row of their own.
    "model" TEXT NOT NULL,
    -- The beginning of 1970: since ever.
    "valid_from" TIMESTAMPTZ(3) NOT NULL,
    "currency" TEXT NOT NULL,
    "amounts" JSONB NOT NULL,
    -- Whether the row is as a list has made it, or somebody has made or changed it.
    "origin" TEXT NOT NULL DEFAULT 'own',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "prices_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "prices_origin" CHECK ("origin" IN ('own', 'public')),
    CONSTRAINT "prices_lengths" CHECK (
        octet_length("provider") <= 64 AND octet_length("model") <= 1024 AND octet_length("currency") = 3 AND octet_length("amounts"::text) <= 16384)
);

CREATE UNIQUE INDEX "prices_provider_model_valid_from_key" ON "prices"("provider", "model", "valid_from");
-- The list.
CREATE INDEX "prices_created_at_id_idx" ON "prices"("created_at", "id");

GRANT SELECT, INSERT, UPDATE, DELETE ON "prices" TO gt_platform;

CREATE TABLE "tenant_prices" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "connection_id" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "valid_from" TIMESTAMPTZ(3) NOT NULL,
    -- Null: those of the provider.
    "currency" TEXT,
    "amounts" JSONB,
    -- Null: that of the tenant.
    "markup_per_mille" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tenant_prices_pkey" PRIMARY KEY ("tenant_id","id"),
    CONSTRAINT "tenant_prices_currency" CHECK (("currency" IS NULL) = ("amounts" IS NULL)),
    CONSTRAINT "tenant_prices_says_something" CHECK ("amounts" IS NOT NULL OR "markup_per_mille" IS NOT NULL),
    CONSTRAINT "tenant_prices_markup" CHECK ("markup_per_mille" BETWEEN -1000 AND 100000),
    CONSTRAINT "tenant_prices_lengths" CHECK (
        octet_length("model") <= 1024 AND octet_length("currency") = 3 AND octet_length("amounts"::text) <= 16384)
);

CREATE UNIQUE INDEX "tenant_prices_once_a_moment" ON "tenant_prices"("tenant_id", "connection_id", "model", "valid_from");
-- The list.
CREATE INDEX "tenant_prices_tenant_id_created_at_id_idx" ON "tenant_prices"("tenant_id", "created_at", "id");

ALTER TABLE "tenant_prices" ADD CONSTRAINT "tenant_prices_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;
ALTER TABLE "tenant_prices" ADD CONSTRAINT "tenant_prices_tenant_id_connection_id_fkey" FOREIGN KEY ("tenant_id", "connection_id") REFERENCES "connections"("tenant_id", "id") ON DELETE CASCADE;

SELECT gt_protect('tenant_prices', 'SELECT, INSERT, UPDATE, DELETE');

-- Thousandths that are put on the cost of the tenant's calls.
ALTER TABLE "tenants" ADD COLUMN "markup_per_mille" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "tenants" ADD CONSTRAINT "tenants_markup" CHECK ("markup_per_mille" BETWEEN -1000 AND 100000);

-- Processes keep prices in memory.
CREATE TRIGGER prices_change AFTER INSERT OR UPDATE OR DELETE ON "prices" FOR EACH ROW EXECUTE FUNCTION gt_record_change();
CREATE TRIGGER tenant_prices_change AFTER INSERT OR UPDATE OR DELETE ON "tenant_prices" FOR EACH ROW EXECUTE FUNCTION gt_record_change();
