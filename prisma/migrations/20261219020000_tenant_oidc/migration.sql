-- A tenant's own sign-in with OpenID Connect: one for each tenant. The client secret is sealed.
CREATE TABLE "tenant_oidc" (
  "tenant_id" TEXT NOT NULL,
  "id" TEXT NOT NULL,
  "issuer" TEXT NOT NULL,
  "client_id" TEXT NOT NULL,
  "client_secret" BYTEA,
  "client_auth" TEXT NOT NULL DEFAULT 'basic',
  "scopes" TEXT[] DEFAULT '{}',
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "tenant_oidc_pkey" PRIMARY KEY ("tenant_id", "id"),
  CONSTRAINT "tenant_oidc_client_auth" CHECK ("client_auth" IN ('basic', 'post'))
);
CREATE UNIQUE INDEX "tenant_oidc_tenant_id_key" ON "tenant_oidc"("tenant_id");
ALTER TABLE "tenant_oidc" ADD CONSTRAINT "tenant_oidc_tenant_id_fkey"
  FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;
SELECT gt_protect('tenant_oidc', 'SELECT, INSERT, UPDATE, DELETE');
