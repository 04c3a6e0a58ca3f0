-- Looks at the rows that were there before the checks. Readers and writers go on meanwhile.
ALTER TABLE "tenants" VALIDATE CONSTRAINT "tenants_state_check";
ALTER TABLE "members" VALIDATE CONSTRAINT "members_state_check";
ALTER TABLE "keys" VALIDATE CONSTRAINT "keys_state_check";
ALTER TABLE "usage" VALIDATE CONSTRAINT "usage_state_check";
ALTER TABLE "usage" VALIDATE CONSTRAINT "usage_source_check";
ALTER TABLE "files" VALIDATE CONSTRAINT "files_state_check";
ALTER TABLE "idempotent_requests" VALIDATE CONSTRAINT "idempotent_requests_state_check";
ALTER TABLE "webhooks" VALIDATE CONSTRAINT "webhooks_state_check";
ALTER TABLE "webhook_deliveries" VALIDATE CONSTRAINT "webhook_deliveries_state_check";
