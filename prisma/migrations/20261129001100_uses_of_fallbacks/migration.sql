-- A published agent uses the connections of its fallbacks, too. The release before publishes none.
CREATE OR REPLACE FUNCTION gt_record_agent_uses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM agent_connections WHERE tenant_id = NEW.tenant_id AND agent_id = NEW.agent_id;
  DELETE FROM agent_datasets WHERE tenant_id = NEW.tenant_id AND agent_id = NEW.agent_id;
  INSERT INTO agent_connections (tenant_id, agent_id, connection_id)
    SELECT NEW.tenant_id, NEW.agent_id, model.value ->> 'connection' FROM jsonb_each(NEW.spec -> 'models') model
    UNION
    SELECT NEW.tenant_id, NEW.agent_id, further.value ->> 'connection'
      FROM jsonb_each(NEW.spec -> 'fallbacks') fallback, jsonb_array_elements(fallback.value) further;
  INSERT INTO agent_datasets (tenant_id, agent_id, dataset_id)
    SELECT DISTINCT NEW.tenant_id, NEW.agent_id, id FROM unnest(NEW.dataset_ids) id;
  RETURN NULL;
END
$$;
