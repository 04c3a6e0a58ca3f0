-- What operators change in a tenant stands in the operators' audit too: who did what to which object, without what it was and is. That
-- stays with the tenant, and goes with it.
ALTER TABLE "operator_audit" ADD COLUMN "in_tenant" TEXT;

CREATE FUNCTION gt_tell_operators() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO operator_audit (id, in_tenant, actor, action, kind, object_id, request_id, address, created_at)
    VALUES (NEW.id, NEW.tenant_id, NEW.actor, NEW.action, NEW.kind, NEW.object_id, NEW.request_id, NEW.address, NEW.created_at);
  RETURN NULL;
END
$$;
CREATE TRIGGER audit_of_operators AFTER INSERT ON "audit" FOR EACH ROW WHEN (NEW.actor_role = 'operator')
  EXECUTE FUNCTION gt_tell_operators();
