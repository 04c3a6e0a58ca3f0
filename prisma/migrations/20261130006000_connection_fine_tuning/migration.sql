-- Whether fine-tuning jobs may be made over a connection, and whether the models that they make are published. Columns of their
-- own, since the release before refuses options that it does not know. Constant defaults: no row is rewritten.
ALTER TABLE "connections"
  ADD COLUMN "fine_tuning" TEXT NOT NULL DEFAULT 'off' CONSTRAINT "connections_fine_tuning" CHECK ("fine_tuning" IN ('off', 'on')),
  ADD COLUMN "publish_fine_tuned" BOOLEAN NOT NULL DEFAULT false;
