-- Whose passages changed, in which transaction: what is kept in memory for searches asks for the changes since its snapshot
-- instead of comparing every file of a target. Rows are only added, so writers never wait for one another; the sweep
-- removes old ones, and memory that is older is compared as a whole. A row for each transaction, target and ingestion.
CREATE TABLE "passage_changes" (
    "tenant_id" TEXT NOT NULL,
    "target_id" TEXT NOT NULL,
    "transaction" BIGINT NOT NULL,
    "file_id" TEXT NOT NULL,
    "ingestion_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "passage_changes_pkey" PRIMARY KEY ("tenant_id", "target_id", "transaction", "file_id", "ingestion_id")
);
CREATE INDEX "passage_changes_at_idx" ON "passage_changes"("at");
SELECT gt_protect('passage_changes', 'SELECT');

-- Passages come and go as whole ingestions, whatever the release that writes them. Ids alone are noted, of a tenant that is
-- being deleted too.
CREATE FUNCTION gt_note_passages() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO passage_changes (tenant_id, target_id, transaction, file_id, ingestion_id)
    SELECT DISTINCT c.tenant_id, coalesce(c.dataset_id, c.conversation_id), pg_current_xact_id()::text::bigint, c.file_id, c.ingestion_id
      FROM changed c
     WHERE coalesce(c.dataset_id, c.conversation_id) IS NOT NULL
    ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
CREATE TRIGGER "chunks_added" AFTER INSERT ON "chunks" REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION gt_note_passages();
CREATE TRIGGER "chunks_removed" AFTER DELETE ON "chunks" REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION gt_note_passages();

-- Passages of an ingestion that failed are not searched.
CREATE FUNCTION gt_note_ingestion() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO passage_changes (tenant_id, target_id, transaction, file_id, ingestion_id)
    VALUES (NEW.tenant_id, NEW.target_id, pg_current_xact_id()::text::bigint, NEW.file_id, CASE WHEN NEW.is_own THEN '' ELSE NEW.id END)
    ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
CREATE TRIGGER "ingestions_failed" AFTER UPDATE OF "state" ON "ingestions"
  FOR EACH ROW WHEN ((OLD.state = 'failed') <> (NEW.state = 'failed')) EXECUTE FUNCTION gt_note_ingestion();
-- A file of an older release gets its ingestion when its row is next written.
CREATE TRIGGER "ingestions_failed_at_once" AFTER INSERT ON "ingestions"
  FOR EACH ROW WHEN (NEW.state = 'failed') EXECUTE FUNCTION gt_note_ingestion();

GRANT CREATE ON SCHEMA public TO gt_platform;
ALTER FUNCTION gt_note_passages OWNER TO gt_platform;
ALTER FUNCTION gt_note_ingestion OWNER TO gt_platform;
REVOKE CREATE ON SCHEMA public FROM gt_platform;
