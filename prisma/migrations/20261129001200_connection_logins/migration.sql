-- What a connection of mode "oauth" signs in with: how its provider is asked for tokens, and the tokens. A table of its own,
-- which the release before does not read: its own columns and options of connections stay as they are. "id" is the
-- connection's.
CREATE TABLE "connection_logins" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    -- Addresses, client, scopes: `loginSettings` in contracts/connection-logins.ts.
    "settings" JSONB NOT NULL,
    "client_secret" BYTEA,
    -- "out": somebody must log in; "in": tokens are here or can be had; "lost": the provider has ended the login.
    "state" TEXT NOT NULL DEFAULT 'out',
    -- Rises with each change of the tokens: who renews them says which ones, and is heard only while they are the latest.
    "number" INTEGER NOT NULL DEFAULT 0,
    -- Sealed, as JSON.
    "tokens" BYTEA,
    -- Addresses that the issuer named when somebody logged in.
    "discovered" JSONB,
    "obtained_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3),
    "refresh_expires_at" TIMESTAMPTZ(3),
    -- The process that renews the tokens, and until when nobody else does.
    "claimed_by" TEXT,
    "claimed_until" TIMESTAMPTZ(3),
    -- Why the last renewal failed, as a short code, and from when it may be tried again.
    "failure" TEXT,
    "failed_at" TIMESTAMPTZ(3),
    "retry_at" TIMESTAMPTZ(3),
    -- A login that was begun: sealed, used once.
    "attempt" BYTEA,
    "attempt_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "connection_logins_pkey" PRIMARY KEY ("tenant_id","id"),
    CONSTRAINT "connection_logins_state" CHECK ("state" IN ('out', 'in', 'lost')),
    CONSTRAINT "connection_logins_tokens" CHECK ("tokens" IS NULL OR ("state" = 'in' AND "obtained_at" IS NOT NULL)),
    CONSTRAINT "connection_logins_claim" CHECK (("claimed_by" IS NULL) = ("claimed_until" IS NULL)),
    CONSTRAINT "connection_logins_attempt" CHECK (("attempt" IS NULL) = ("attempt_until" IS NULL)),
    CONSTRAINT "connection_logins_lengths" CHECK (octet_length("tokens") <= 262144 AND octet_length("attempt") <= 65536
      AND octet_length("client_secret") <= 16384 AND octet_length("failure") <= 64)
);

ALTER TABLE "connection_logins" ADD CONSTRAINT "connection_logins_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;
ALTER TABLE "connection_logins" ADD CONSTRAINT "connection_logins_tenant_id_id_fkey" FOREIGN KEY ("tenant_id", "id") REFERENCES "connections"("tenant_id", "id") ON DELETE CASCADE;

SELECT gt_protect('connection_logins', 'SELECT, INSERT, UPDATE, DELETE');

-- Processes keep the tokens in memory. A claim, a failure and a login that is begun change nothing of them.
CREATE TRIGGER connection_logins_change AFTER INSERT OR DELETE OR UPDATE OF "state", "number"
  ON "connection_logins" FOR EACH ROW EXECUTE FUNCTION gt_record_change();

-- What a provider wants beyond its wire: `connectionHabits` in contracts/connection-habits.ts. A column of its own, since
-- the release before refuses options that it does not know.
ALTER TABLE "connections" ADD COLUMN "habits" JSONB NOT NULL DEFAULT '{}';
