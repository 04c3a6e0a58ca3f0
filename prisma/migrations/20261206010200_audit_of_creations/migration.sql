-- Who made a key, and for which member its token was made: usage is put together by it.
CREATE INDEX "audit_of_creations" ON "audit" ("tenant_id", "object_id") WHERE "action" = 'create' AND "kind" IN ('key', 'admin_token');
