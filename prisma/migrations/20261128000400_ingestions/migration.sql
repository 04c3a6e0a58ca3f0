-- What is made of a file for one target: its passages, cut and embedded as that target wants them. One file may have many.
-- The file's own ingestion (of the dataset or conversation that it was uploaded to) follows the row of `files`, which the
-- release before claims and writes; `is_own` says so. All others are claimed and written here.
CREATE TABLE "ingestions" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "file_id" TEXT NOT NULL,
    "is_own" BOOLEAN NOT NULL DEFAULT false,
    "target_kind" TEXT NOT NULL,
    "target_id" TEXT NOT NULL,
    "dataset_id" TEXT GENERATED ALWAYS AS (CASE WHEN "target_kind" = 'dataset' THEN "target_id" END) STORED,
    "conversation_id" TEXT GENERATED ALWAYS AS (CASE WHEN "target_kind" = 'conversation' THEN "target_id" END) STORED,
    "chunk_tokens" INTEGER,
    "overlap_tokens" INTEGER,
    "generation" INTEGER NOT NULL DEFAULT 1,
    "state" TEXT NOT NULL DEFAULT 'stored',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "round_start" INTEGER NOT NULL DEFAULT 0,
    "stage" TEXT,
    "percent" INTEGER NOT NULL DEFAULT 0,
    "error_code" TEXT,
    "error_message" TEXT,
    "queued_at" TIMESTAMPTZ(3),
    "passages" INTEGER NOT NULL DEFAULT 0,
    "tokens" INTEGER NOT NULL DEFAULT 0,
    "vector_attempt" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ingestions_pkey" PRIMARY KEY ("tenant_id","id"),
    CONSTRAINT "ingestions_target_kind" CHECK ("target_kind" IN ('dataset', 'conversation')),
    CONSTRAINT "ingestions_state" CHECK ("state" IN ('stored', 'parsed', 'chunked', 'embedded', 'ready', 'failed'))
);

-- A target has a file once.
CREATE UNIQUE INDEX "ingestions_tenant_id_file_id_target_kind_target_id_key" ON "ingestions"("tenant_id", "file_id", "target_kind", "target_id");
CREATE INDEX "ingestions_tenant_id_dataset_id_idx" ON "ingestions"("tenant_id", "dataset_id");
CREATE INDEX "ingestions_tenant_id_conversation_id_idx" ON "ingestions"("tenant_id", "conversation_id");
-- What the sweep looks for, and what the job that moves vectors does.
CREATE INDEX "ingestions_unfinished" ON "ingestions" ("tenant_id", "state") WHERE NOT "is_own" AND "state" NOT IN ('ready', 'failed');
CREATE INDEX "ingestions_unmoved" ON "ingestions" ("tenant_id", "id") WHERE "state" IN ('ready', 'failed') AND "vector_attempt" IS DISTINCT FROM "attempts";

ALTER TABLE "ingestions" ADD CONSTRAINT "ingestions_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;
ALTER TABLE "ingestions" ADD CONSTRAINT "ingestions_tenant_id_file_id_fkey" FOREIGN KEY ("tenant_id", "file_id") REFERENCES "files"("tenant_id", "id") ON DELETE CASCADE;
ALTER TABLE "ingestions" ADD CONSTRAINT "ingestions_tenant_id_dataset_id_fkey" FOREIGN KEY ("tenant_id", "dataset_id") REFERENCES "datasets"("tenant_id", "id") ON DELETE CASCADE;
ALTER TABLE "ingestions" ADD CONSTRAINT "ingestions_tenant_id_conversation_id_fkey" FOREIGN KEY ("tenant_id", "conversation_id") REFERENCES "conversations"("tenant_id", "id") ON DELETE CASCADE;

SELECT gt_protect('ingestions', 'SELECT, INSERT, UPDATE, DELETE');

-- Which ingestion a passage is of. Empty: the file's own, as the release before writes it. A constant default: no row is
-- rewritten.
ALTER TABLE "chunks" ADD COLUMN "ingestion_id" TEXT NOT NULL DEFAULT '';

-- The file's own ingestion, whoever writes the file's row. How far a step has come stays with the file.
CREATE FUNCTION gt_follow_file() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  IF NEW.dataset_id IS NULL AND NEW.conversation_id IS NULL THEN
    RETURN NULL;
  END IF;
  INSERT INTO ingestions AS i (tenant_id, id, file_id, is_own, target_kind, target_id, generation, state, attempts, round_start, stage, error_code, error_message, created_at)
    VALUES (NEW.tenant_id, 'ing_' || substr(NEW.id, 6), NEW.id, true, CASE WHEN NEW.dataset_id IS NULL THEN 'conversation' ELSE 'dataset' END,
            coalesce(NEW.dataset_id, NEW.conversation_id), NEW.generation, NEW.state, NEW.attempts, NEW.round_start, NEW.stage, NEW.error_code, NEW.error_message, NEW.created_at)
    ON CONFLICT (tenant_id, id) DO UPDATE
      SET generation = excluded.generation, state = excluded.state, attempts = excluded.attempts, round_start = excluded.round_start,
          stage = excluded.stage, error_code = excluded.error_code, error_message = excluded.error_message, updated_at = now()
      WHERE i.is_own;
  RETURN NULL;
END
$$;
CREATE TRIGGER "files_ingestion" AFTER INSERT OR UPDATE OF "state", "attempts", "stage", "generation", "round_start" ON "files"
  FOR EACH ROW EXECUTE FUNCTION gt_follow_file();

-- Passages of another target's ingestion go with it; the file's own go with the file.
CREATE FUNCTION gt_drop_passages() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  DELETE FROM chunks c WHERE c.tenant_id = OLD.tenant_id AND c.file_id = OLD.file_id AND c.ingestion_id = OLD.id;
  RETURN NULL;
END
$$;
CREATE TRIGGER "ingestions_passages" AFTER DELETE ON "ingestions" FOR EACH ROW WHEN (NOT OLD.is_own) EXECUTE FUNCTION gt_drop_passages();

-- As `gt_find_chunks`, which the release before asks, but of every ingestion that has not failed.
CREATE FUNCTION gt_find_passages(query tsquery, exact tsquery[], parts tsquery[], weights real[], old_query tsquery, old_parts tsquery[],
                                 datasets text[], conversations text[], most integer)
  RETURNS TABLE (file_id text, ingestion_id text, ordinal integer) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT m.file_id, m.ingestion_id, m.ordinal
    FROM ((SELECT c.file_id, c.ingestion_id, c.ordinal, c.search_words || ''::tsvector AS words, true AS has_new
             FROM chunks c JOIN files f ON f.tenant_id = c.tenant_id AND f.id = c.file_id
             LEFT JOIN ingestions i ON i.tenant_id = c.tenant_id AND i.id = c.ingestion_id
            WHERE c.tenant_id = gt_tenant() AND (c.dataset_id = ANY (datasets) OR c.conversation_id = ANY (conversations))
              AND coalesce(i.state, f.state) <> 'failed' AND c.search_words @@ query
            LIMIT 2000)
          UNION ALL
          (SELECT c.file_id, c.ingestion_id, c.ordinal, c.words || ''::tsvector, false
             FROM chunks c JOIN files f ON f.tenant_id = c.tenant_id AND f.id = c.file_id AND f.state <> 'failed'
            WHERE c.tenant_id = gt_tenant() AND (c.dataset_id = ANY (datasets) OR c.conversation_id = ANY (conversations))
              AND c.search_words IS NULL AND c.words @@ old_query
              AND EXISTS (SELECT FROM chunks o WHERE o.tenant_id = gt_tenant() AND o.search_words IS NULL)
            LIMIT 2000)) m
   ORDER BY (SELECT coalesce(sum(p.weight), 0) FROM unnest(CASE WHEN m.has_new THEN parts ELSE old_parts END, weights) p (part, weight)
              WHERE m.words @@ p.part) DESC,
            (SELECT count(*) FROM unnest(exact) e (part) WHERE m.has_new AND m.words @@ e.part) DESC,
            ts_rank_cd('{1, 1, 1, 1}', m.words, CASE WHEN m.has_new THEN query ELSE old_query END) DESC, m.file_id, m.ingestion_id, m.ordinal
   LIMIT most
$$;

GRANT CREATE ON SCHEMA public TO gt_platform;
ALTER FUNCTION gt_follow_file OWNER TO gt_platform;
ALTER FUNCTION gt_drop_passages OWNER TO gt_platform;
ALTER FUNCTION gt_find_passages OWNER TO gt_platform;
REVOKE CREATE ON SCHEMA public FROM gt_platform;
REVOKE EXECUTE ON FUNCTION gt_find_passages FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gt_find_passages TO gt_app;
