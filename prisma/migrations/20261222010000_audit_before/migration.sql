-- What an object was before a change, and from where the change came. Rows of before have neither; a release of before
-- writes neither.
ALTER TABLE "audit" ADD COLUMN "before" jsonb, ADD COLUMN "address" text;
ALTER TABLE "operator_audit" ADD COLUMN "before" jsonb, ADD COLUMN "address" text;

-- From where a run was asked for: its keys are made and deleted in the name of whoever asked.
ALTER TABLE "runbook_runs" ADD COLUMN "asked_address" text;
