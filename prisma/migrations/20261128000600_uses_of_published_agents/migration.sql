-- A revision names its datasets by id: a dataset that is renamed or made anew does not change what an agent answers from.
ALTER TABLE "agent_revisions" ADD COLUMN "dataset_ids" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- What the newest revision of each agent uses. The foreign keys refuse to delete it, whoever tries and whenever. The one of
-- the datasets waits for the commit: the deletion of a tenant removes datasets before it comes to agents.
CREATE TABLE "agent_connections" (
    "tenant_id" TEXT NOT NULL,
    "agent_id" TEXT NOT NULL,
    "connection_id" TEXT NOT NULL,

    CONSTRAINT "agent_connections_pkey" PRIMARY KEY ("tenant_id","agent_id","connection_id")
);
CREATE TABLE "agent_datasets" (
    "tenant_id" TEXT NOT NULL,
    "agent_id" TEXT NOT NULL,
    "dataset_id" TEXT NOT NULL,

    CONSTRAINT "agent_datasets_pkey" PRIMARY KEY ("tenant_id","agent_id","dataset_id")
);
CREATE INDEX "agent_connections_tenant_id_connection_id_idx" ON "agent_connections"("tenant_id", "connection_id");
CREATE INDEX "agent_datasets_tenant_id_dataset_id_idx" ON "agent_datasets"("tenant_id", "dataset_id");

ALTER TABLE "agent_connections" ADD CONSTRAINT "agent_connections_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "agent_connections" ADD CONSTRAINT "agent_connections_tenant_id_agent_id_fkey" FOREIGN KEY ("tenant_id", "agent_id") REFERENCES "agents"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "agent_connections" ADD CONSTRAINT "agent_connections_tenant_id_connection_id_fkey" FOREIGN KEY ("tenant_id", "connection_id") REFERENCES "connections"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE CASCADE;
ALTER TABLE "agent_datasets" ADD CONSTRAINT "agent_datasets_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "agent_datasets" ADD CONSTRAINT "agent_datasets_tenant_id_agent_id_fkey" FOREIGN KEY ("tenant_id", "agent_id") REFERENCES "agents"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "agent_datasets" ADD CONSTRAINT "agent_datasets_tenant_id_dataset_id_fkey" FOREIGN KEY ("tenant_id", "dataset_id") REFERENCES "datasets"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED;

SELECT gt_protect(name::regclass, 'SELECT, INSERT, DELETE') FROM unnest(ARRAY['agent_connections', 'agent_datasets']) AS name;

-- The ids of a spec's datasets, in its order; an alias without a dataset has none.
CREATE FUNCTION gt_dataset_ids(tenant text, spec jsonb) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT coalesce(array_agg(d.id ORDER BY named.place), ARRAY[]::text[])
    FROM jsonb_array_elements_text(coalesce(spec -> 'datasets', '[]')) WITH ORDINALITY named (alias, place)
    JOIN datasets d ON d.tenant_id = tenant AND d.alias = named.alias
$$;

-- A process of the release before names no ids when it publishes.
CREATE FUNCTION gt_fill_dataset_ids() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(cardinality(NEW.dataset_ids), 0) = 0 THEN
    NEW.dataset_ids := gt_dataset_ids(NEW.tenant_id, NEW.spec);
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER agent_revisions_datasets BEFORE INSERT ON "agent_revisions" FOR EACH ROW EXECUTE FUNCTION gt_fill_dataset_ids();

-- A new revision takes the place of the one before: endpoints are brought to it in the same transaction.
CREATE FUNCTION gt_record_agent_uses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM agent_connections WHERE tenant_id = NEW.tenant_id AND agent_id = NEW.agent_id;
  DELETE FROM agent_datasets WHERE tenant_id = NEW.tenant_id AND agent_id = NEW.agent_id;
  INSERT INTO agent_connections (tenant_id, agent_id, connection_id)
    SELECT DISTINCT NEW.tenant_id, NEW.agent_id, model.value ->> 'connection' FROM jsonb_each(NEW.spec -> 'models') model;
  INSERT INTO agent_datasets (tenant_id, agent_id, dataset_id)
    SELECT DISTINCT NEW.tenant_id, NEW.agent_id, id FROM unnest(NEW.dataset_ids) id;
  RETURN NULL;
END
$$;
CREATE TRIGGER agent_revisions_uses AFTER INSERT ON "agent_revisions" FOR EACH ROW EXECUTE FUNCTION gt_record_agent_uses();

-- What is published today: the newest revision of each agent, and what an endpoint leads to. What is gone already stays
-- gone. The owner of the tables sees no rows through their policies, the platform role sees all.
ALTER TABLE "agent_revisions" DISABLE TRIGGER agent_revisions_immutable;
SET LOCAL ROLE gt_platform;
UPDATE agent_revisions r SET dataset_ids = gt_dataset_ids(r.tenant_id, r.spec)
 WHERE jsonb_array_length(coalesce(r.spec -> 'datasets', '[]')) > 0
   AND (r.number = (SELECT max(n.number) FROM agent_revisions n WHERE n.tenant_id = r.tenant_id AND n.agent_id = r.agent_id)
        OR EXISTS (SELECT FROM endpoints e WHERE e.tenant_id = r.tenant_id AND e.revision_id = r.id));
INSERT INTO agent_connections (tenant_id, agent_id, connection_id)
  SELECT DISTINCT r.tenant_id, r.agent_id, c.id
    FROM agent_revisions r, jsonb_each(r.spec -> 'models') model, connections c
   WHERE c.tenant_id = r.tenant_id AND c.id = model.value ->> 'connection'
     AND (r.number = (SELECT max(n.number) FROM agent_revisions n WHERE n.tenant_id = r.tenant_id AND n.agent_id = r.agent_id)
          OR EXISTS (SELECT FROM endpoints e WHERE e.tenant_id = r.tenant_id AND e.revision_id = r.id));
INSERT INTO agent_datasets (tenant_id, agent_id, dataset_id)
  SELECT DISTINCT r.tenant_id, r.agent_id, d.id
    FROM agent_revisions r, unnest(r.dataset_ids) used (id), datasets d
   WHERE d.tenant_id = r.tenant_id AND d.id = used.id;
RESET ROLE;
ALTER TABLE "agent_revisions" ENABLE TRIGGER agent_revisions_immutable;
