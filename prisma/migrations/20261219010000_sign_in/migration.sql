-- What members sign in with. Passwords are Argon2id, recovery codes SHA-256 of random texts; the TOTP secret is sealed.
CREATE TABLE "member_credentials" (
  "tenant_id" TEXT NOT NULL,
  "id" TEXT NOT NULL,
  "password_hash" TEXT,
  "password_set_at" TIMESTAMPTZ(3),
  "totp_secret" BYTEA,
  "totp_confirmed_at" TIMESTAMPTZ(3),
  -- The last step of 30 seconds whose code was taken: no code counts twice.
  "totp_step" BIGINT NOT NULL DEFAULT 0,
  "recovery_codes" TEXT[] DEFAULT '{}',
  "oidc_issuer" TEXT,
  "oidc_subject" TEXT,
  CONSTRAINT "member_credentials_pkey" PRIMARY KEY ("tenant_id", "id"),
  CONSTRAINT "member_credentials_oidc" CHECK (("oidc_issuer" IS NULL) = ("oidc_subject" IS NULL)),
  CONSTRAINT "member_credentials_totp" CHECK ("totp_confirmed_at" IS NULL OR "totp_secret" IS NOT NULL)
);
ALTER TABLE "member_credentials" ADD CONSTRAINT "member_credentials_tenant_id_fkey"
  FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "member_credentials" ADD CONSTRAINT "member_credentials_tenant_id_id_fkey"
  FOREIGN KEY ("tenant_id", "id") REFERENCES "members"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE UNIQUE INDEX "member_credentials_tenant_id_oidc_issuer_oidc_subject_key"
  ON "member_credentials"("tenant_id", "oidc_issuer", "oidc_subject");

-- Sessions of members. A row that is gone has ended; `role` is the one that the member had at sign-in.
CREATE TABLE "sessions" (
  "tenant_id" TEXT NOT NULL,
  "id" TEXT NOT NULL,
  "member_id" TEXT NOT NULL,
  "hash" TEXT NOT NULL,
  "role" TEXT NOT NULL,
  "method" TEXT NOT NULL,
  "second_factor" BOOLEAN NOT NULL DEFAULT false,
  "address" TEXT NOT NULL,
  "user_agent" TEXT NOT NULL DEFAULT '',
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expires_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "sessions_pkey" PRIMARY KEY ("tenant_id", "id"),
  CONSTRAINT "sessions_method" CHECK ("method" IN ('password', 'oidc', 'link'))
);
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_tenant_id_fkey"
  FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_tenant_id_member_id_fkey"
  FOREIGN KEY ("tenant_id", "member_id") REFERENCES "members"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE UNIQUE INDEX "sessions_hash_key" ON "sessions"("hash");
CREATE INDEX "sessions_tenant_id_member_id_idx" ON "sessions"("tenant_id", "member_id");
CREATE INDEX "sessions_expires_at_idx" ON "sessions"("expires_at");

-- Sessions of operators, each made of a token and over with it.
CREATE TABLE "operator_sessions" (
  "id" TEXT NOT NULL,
  "token_id" TEXT NOT NULL,
  "hash" TEXT NOT NULL,
  "address" TEXT NOT NULL,
  "user_agent" TEXT NOT NULL DEFAULT '',
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expires_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "operator_sessions_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "operator_sessions" ADD CONSTRAINT "operator_sessions_token_id_fkey"
  FOREIGN KEY ("token_id") REFERENCES "operator_tokens"("id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE UNIQUE INDEX "operator_sessions_hash_key" ON "operator_sessions"("hash");
CREATE INDEX "operator_sessions_token_id_idx" ON "operator_sessions"("token_id");

-- Links by which a member sets a password: an invitation or a recovery. One of a kind for each member; a used one is gone.
CREATE TABLE "member_links" (
  "tenant_id" TEXT NOT NULL,
  "id" TEXT NOT NULL,
  "member_id" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "hash" TEXT NOT NULL,
  "resets_second_factor" BOOLEAN NOT NULL DEFAULT false,
  "created_by" TEXT NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expires_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "member_links_pkey" PRIMARY KEY ("tenant_id", "id"),
  CONSTRAINT "member_links_kind" CHECK ("kind" IN ('invitation', 'recovery'))
);
ALTER TABLE "member_links" ADD CONSTRAINT "member_links_tenant_id_fkey"
  FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "member_links" ADD CONSTRAINT "member_links_tenant_id_member_id_fkey"
  FOREIGN KEY ("tenant_id", "member_id") REFERENCES "members"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE UNIQUE INDEX "member_links_hash_key" ON "member_links"("hash");
CREATE UNIQUE INDEX "member_links_tenant_id_member_id_key" ON "member_links"("tenant_id", "member_id");
CREATE INDEX "member_links_expires_at_idx" ON "member_links"("expires_at");

-- Tries to sign in to an account that have not succeeded, whether there is such an account or not. `account` is a SHA-256.
CREATE TABLE "sign_in_failures" (
  "tenant_id" TEXT NOT NULL,
  "account" TEXT NOT NULL,
  "tries" INTEGER NOT NULL,
  "ends_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "sign_in_failures_pkey" PRIMARY KEY ("tenant_id", "account")
);
ALTER TABLE "sign_in_failures" ADD CONSTRAINT "sign_in_failures_tenant_id_fkey"
  FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE INDEX "sign_in_failures_ends_at_idx" ON "sign_in_failures"("ends_at");

SELECT gt_protect(name::regclass, 'SELECT, INSERT, UPDATE, DELETE')
  FROM unnest(ARRAY['member_credentials', 'sessions', 'member_links', 'sign_in_failures']) AS name;
GRANT SELECT, INSERT, UPDATE, DELETE ON "operator_sessions" TO gt_platform;

CREATE TRIGGER sessions_change AFTER INSERT OR UPDATE OR DELETE ON "sessions" FOR EACH ROW EXECUTE FUNCTION gt_record_change();
CREATE TRIGGER operator_sessions_change AFTER INSERT OR UPDATE OR DELETE
  ON "operator_sessions" FOR EACH ROW EXECUTE FUNCTION gt_record_change();
