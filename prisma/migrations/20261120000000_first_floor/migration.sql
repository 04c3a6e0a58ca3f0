-- CreateTable
CREATE TABLE "tenants" (
    "id" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'active',
    "api_enabled" BOOLEAN NOT NULL DEFAULT true,
    "routes_off" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "limits" JSONB NOT NULL DEFAULT '{}',
    "budgets" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tenants_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tenant_hosts" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tenant_hosts_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "members" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL DEFAULT '',
    "role" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'active',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "members_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "admin_tokens" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "member_id" TEXT,
    "hash" TEXT NOT NULL,
    "last_four" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "admin_tokens_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "operator_tokens" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "last_four" TEXT NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "operator_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "connections" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "base_url" TEXT NOT NULL,
    "wire" TEXT NOT NULL DEFAULT 'openai',
    "auth_mode" TEXT NOT NULL DEFAULT 'none',
    "secret" BYTEA,
    "options" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "connections_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "agents" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "spec" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "agents_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "agent_revisions" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "agent_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "spec" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "agent_revisions_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "endpoints" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "revision_id" TEXT,
    "connection_id" TEXT,
    "model" TEXT,
    "modalities" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "is_default" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "endpoints_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "presets" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "purpose" TEXT NOT NULL,
    "scopes" TEXT[],
    "limits" JSONB NOT NULL DEFAULT '{}',
    "links" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "presets_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "keys" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "purpose" TEXT NOT NULL,
    "preset" TEXT,
    "scopes" TEXT[],
    "agents" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "raw_models" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "datasets" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "limits" JSONB NOT NULL DEFAULT '{}',
    "allowed_ips" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "prompt_policy" JSONB,
    "keep_alive" TEXT NOT NULL DEFAULT 'comment',
    "state" TEXT NOT NULL DEFAULT 'active',
    "expires_at" TIMESTAMPTZ(3),
    "inference_key_id" TEXT,
    "upload_key_id" TEXT,
    "last_used_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "keys_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "key_secrets" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "last_four" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "key_secrets_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "key_exercise" (
    "tenant_id" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "calls" BIGINT NOT NULL DEFAULT 0,
    "first_at" TIMESTAMPTZ(3) NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "key_exercise_pkey" PRIMARY KEY ("tenant_id","key_id","kind","value")
);

-- CreateTable
CREATE TABLE "datasets" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "alias" TEXT NOT NULL,
    "name" TEXT NOT NULL DEFAULT '',
    "connection_id" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "chunk_tokens" INTEGER NOT NULL DEFAULT 512,
    "overlap_tokens" INTEGER NOT NULL DEFAULT 64,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "datasets_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "usage" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "request_id" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "route" TEXT NOT NULL,
    "endpoint" TEXT NOT NULL,
    "connection_id" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "status" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "stream" BOOLEAN NOT NULL,
    "input_tokens" INTEGER NOT NULL,
    "cached_input_tokens" INTEGER NOT NULL,
    "output_tokens" INTEGER NOT NULL,
    "reasoning_tokens" INTEGER NOT NULL,
    "total_tokens" INTEGER NOT NULL,
    "latency_ms" INTEGER NOT NULL,
    "first_token_ms" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "usage_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "audit" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "actor_role" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "object_id" TEXT NOT NULL,
    "request_id" TEXT NOT NULL,
    "changes" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "operator_audit" (
    "id" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "object_id" TEXT NOT NULL,
    "request_id" TEXT NOT NULL,
    "changes" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "operator_audit_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "change_feed" (
    "seq" BIGSERIAL NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "ref" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "change_feed_pkey" PRIMARY KEY ("seq")
);

-- CreateIndex
CREATE UNIQUE INDEX "tenants_slug_key" ON "tenants"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "tenant_hosts_host_key" ON "tenant_hosts"("host");

-- CreateIndex
CREATE UNIQUE INDEX "members_tenant_id_email_key" ON "members"("tenant_id", "email");

-- CreateIndex
CREATE UNIQUE INDEX "admin_tokens_hash_key" ON "admin_tokens"("hash");

-- CreateIndex
CREATE INDEX "admin_tokens_tenant_id_member_id_idx" ON "admin_tokens"("tenant_id", "member_id");

-- CreateIndex
CREATE UNIQUE INDEX "operator_tokens_hash_key" ON "operator_tokens"("hash");

-- CreateIndex
CREATE UNIQUE INDEX "connections_tenant_id_name_key" ON "connections"("tenant_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "agents_tenant_id_name_key" ON "agents"("tenant_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "agent_revisions_tenant_id_agent_id_number_key" ON "agent_revisions"("tenant_id", "agent_id", "number");

-- CreateIndex
CREATE INDEX "endpoints_tenant_id_revision_id_idx" ON "endpoints"("tenant_id", "revision_id");

-- CreateIndex
CREATE INDEX "endpoints_tenant_id_connection_id_idx" ON "endpoints"("tenant_id", "connection_id");

-- CreateIndex
CREATE UNIQUE INDEX "endpoints_tenant_id_name_key" ON "endpoints"("tenant_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "presets_tenant_id_slug_key" ON "presets"("tenant_id", "slug");

-- CreateIndex
CREATE INDEX "keys_tenant_id_inference_key_id_idx" ON "keys"("tenant_id", "inference_key_id");

-- CreateIndex
CREATE INDEX "keys_tenant_id_upload_key_id_idx" ON "keys"("tenant_id", "upload_key_id");

-- CreateIndex
CREATE UNIQUE INDEX "keys_tenant_id_name_key" ON "keys"("tenant_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "key_secrets_hash_key" ON "key_secrets"("hash");

-- CreateIndex
CREATE INDEX "key_secrets_tenant_id_key_id_idx" ON "key_secrets"("tenant_id", "key_id");

-- CreateIndex
CREATE INDEX "datasets_tenant_id_connection_id_idx" ON "datasets"("tenant_id", "connection_id");

-- CreateIndex
CREATE UNIQUE INDEX "datasets_tenant_id_alias_key" ON "datasets"("tenant_id", "alias");

-- CreateIndex
CREATE INDEX "usage_tenant_id_key_id_created_at_id_idx" ON "usage"("tenant_id", "key_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "usage_tenant_id_created_at_id_idx" ON "usage"("tenant_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "audit_tenant_id_created_at_id_idx" ON "audit"("tenant_id", "created_at", "id");

-- AddForeignKey
ALTER TABLE "tenant_hosts" ADD CONSTRAINT "tenant_hosts_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "members" ADD CONSTRAINT "members_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "admin_tokens" ADD CONSTRAINT "admin_tokens_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "admin_tokens" ADD CONSTRAINT "admin_tokens_tenant_id_member_id_fkey" FOREIGN KEY ("tenant_id", "member_id") REFERENCES "members"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connections" ADD CONSTRAINT "connections_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agents" ADD CONSTRAINT "agents_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent_revisions" ADD CONSTRAINT "agent_revisions_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent_revisions" ADD CONSTRAINT "agent_revisions_tenant_id_agent_id_fkey" FOREIGN KEY ("tenant_id", "agent_id") REFERENCES "agents"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "endpoints" ADD CONSTRAINT "endpoints_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "endpoints" ADD CONSTRAINT "endpoints_tenant_id_revision_id_fkey" FOREIGN KEY ("tenant_id", "revision_id") REFERENCES "agent_revisions"("tenant_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "endpoints" ADD CONSTRAINT "endpoints_tenant_id_connection_id_fkey" FOREIGN KEY ("tenant_id", "connection_id") REFERENCES "connections"("tenant_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "presets" ADD CONSTRAINT "presets_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "keys" ADD CONSTRAINT "keys_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "keys" ADD CONSTRAINT "keys_tenant_id_inference_key_id_fkey" FOREIGN KEY ("tenant_id", "inference_key_id") REFERENCES "keys"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "keys" ADD CONSTRAINT "keys_tenant_id_upload_key_id_fkey" FOREIGN KEY ("tenant_id", "upload_key_id") REFERENCES "keys"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "key_secrets" ADD CONSTRAINT "key_secrets_tenant_id_key_id_fkey" FOREIGN KEY ("tenant_id", "key_id") REFERENCES "keys"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "key_exercise" ADD CONSTRAINT "key_exercise_tenant_id_key_id_fkey" FOREIGN KEY ("tenant_id", "key_id") REFERENCES "keys"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "datasets" ADD CONSTRAINT "datasets_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "datasets" ADD CONSTRAINT "datasets_tenant_id_connection_id_fkey" FOREIGN KEY ("tenant_id", "connection_id") REFERENCES "connections"("tenant_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "usage" ADD CONSTRAINT "usage_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "audit" ADD CONSTRAINT "audit_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- One default endpoint a tenant at most.
CREATE UNIQUE INDEX "endpoints_one_default" ON "endpoints" ("tenant_id") WHERE "is_default";

-- Two roles without login. Every transaction of the product takes one of them with SET LOCAL ROLE, so that the
-- policies bind even when DATABASE_URL names a superuser.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['gt_app', 'gt_platform'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN', name);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
    IF NOT pg_has_role(current_user, name, 'MEMBER') OR NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
      EXECUTE format('GRANT %I TO CURRENT_USER', name);
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', name);
  END LOOP;
END
$$;

-- The tenant of the current transaction; NULL, which equals nothing, when none was set.
CREATE FUNCTION gt_tenant() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('gt.tenant_id', true), '') $$;

-- Puts a tenant-owned table behind forced row-level security. Later migrations call it for their own tables.
CREATE FUNCTION gt_protect(target regclass, app_grants text, tenant_column text DEFAULT 'tenant_id') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
  EXECUTE format('CREATE POLICY tenant_only ON %s TO gt_app USING (%I = gt_tenant()) WITH CHECK (%I = gt_tenant())', target, tenant_column, tenant_column);
  EXECUTE format('CREATE POLICY whole_platform ON %s TO gt_platform USING (true) WITH CHECK (true)', target);
  EXECUTE format('GRANT %s ON %s TO gt_app', app_grants, target);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO gt_platform', target);
END
$$;

SELECT gt_protect('tenants', 'SELECT, UPDATE', 'id');
SELECT gt_protect(name::regclass, 'SELECT, INSERT, UPDATE, DELETE')
  FROM unnest(ARRAY['members', 'admin_tokens', 'connections', 'agents', 'endpoints', 'presets', 'keys', 'key_secrets', 'datasets']) AS name;
SELECT gt_protect('agent_revisions', 'SELECT, INSERT, DELETE');
SELECT gt_protect('tenant_hosts', 'SELECT');
SELECT gt_protect('usage', 'SELECT');
SELECT gt_protect('key_exercise', 'SELECT');
SELECT gt_protect('audit', 'SELECT, INSERT');

-- What belongs to no tenant is the platform role's alone.
GRANT SELECT, INSERT, UPDATE, DELETE ON "operator_tokens", "operator_audit", "change_feed" TO gt_platform;
GRANT USAGE ON SEQUENCE "change_feed_seq_seq" TO gt_platform;

-- A published revision never changes.
CREATE FUNCTION gt_refuse_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % do not change', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER agent_revisions_immutable BEFORE UPDATE ON "agent_revisions" FOR EACH ROW EXECUTE FUNCTION gt_refuse_update();

-- The numbered change feed. The lock is held until commit, so numbers become visible in their order and a reader that
-- has seen number n has seen all before it. The notification only wakes the readers; the rows are the truth.
CREATE FUNCTION gt_record_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  changed jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
  number bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(72707370);
  INSERT INTO change_feed (tenant_id, kind, ref)
    VALUES (coalesce(changed ->> 'tenant_id', CASE WHEN TG_TABLE_NAME = 'tenants' THEN changed ->> 'id' END, ''),
            TG_TABLE_NAME,
            coalesce(CASE WHEN TG_TABLE_NAME = 'key_secrets' THEN changed ->> 'key_id' END, changed ->> 'id'))
    RETURNING seq INTO number;
  PERFORM pg_notify('gt_change', number::text);
  RETURN NULL;
END
$$;

CREATE TRIGGER tenants_change AFTER INSERT OR UPDATE OR DELETE ON "tenants" FOR EACH ROW EXECUTE FUNCTION gt_record_change();
CREATE TRIGGER tenant_hosts_change AFTER INSERT OR UPDATE OR DELETE ON "tenant_hosts" FOR EACH ROW EXECUTE FUNCTION gt_record_change();
CREATE TRIGGER connections_change AFTER INSERT OR UPDATE OR DELETE ON "connections" FOR EACH ROW EXECUTE FUNCTION gt_record_change();
CREATE TRIGGER endpoints_change AFTER INSERT OR UPDATE OR DELETE ON "endpoints" FOR EACH ROW EXECUTE FUNCTION gt_record_change();
CREATE TRIGGER presets_change AFTER INSERT OR UPDATE OR DELETE ON "presets" FOR EACH ROW EXECUTE FUNCTION gt_record_change();
CREATE TRIGGER datasets_change AFTER INSERT OR UPDATE OR DELETE ON "datasets" FOR EACH ROW EXECUTE FUNCTION gt_record_change();
CREATE TRIGGER members_change AFTER UPDATE OR DELETE ON "members" FOR EACH ROW EXECUTE FUNCTION gt_record_change();
CREATE TRIGGER key_secrets_change AFTER INSERT OR UPDATE OR DELETE ON "key_secrets" FOR EACH ROW EXECUTE FUNCTION gt_record_change();
-- Recording the last use is no change of a key or a token.
CREATE TRIGGER keys_change AFTER INSERT OR DELETE OR UPDATE OF "name", "purpose", "preset", "scopes", "agents", "raw_models", "datasets",
  "limits", "allowed_ips", "prompt_policy", "keep_alive", "state", "expires_at", "inference_key_id", "upload_key_id"
  ON "keys" FOR EACH ROW EXECUTE FUNCTION gt_record_change();
CREATE TRIGGER admin_tokens_change AFTER INSERT OR DELETE OR UPDATE OF "role", "expires_at", "revoked_at"
  ON "admin_tokens" FOR EACH ROW EXECUTE FUNCTION gt_record_change();
CREATE TRIGGER operator_tokens_change AFTER INSERT OR DELETE OR UPDATE OF "revoked_at"
  ON "operator_tokens" FOR EACH ROW EXECUTE FUNCTION gt_record_change();
