-- Passages are named by their ingestion too. The index is built first, while searches go on; the exchange is a moment.
CREATE UNIQUE INDEX "chunks_key" ON "chunks" ("tenant_id", "file_id", "ingestion_id", "ordinal");
DO $$
DECLARE
  name text;
BEGIN
  FOR name IN SELECT conname FROM pg_constraint WHERE conrelid = to_regclass('chunk_vectors') AND contype = 'f' LOOP
    EXECUTE format('ALTER TABLE chunk_vectors DROP CONSTRAINT %I', name);
  END LOOP;
END
$$;
ALTER TABLE "chunks" DROP CONSTRAINT "chunks_pkey", ADD CONSTRAINT "chunks_pkey" PRIMARY KEY USING INDEX "chunks_key";

-- The vectors of passages: float32, little endian, and the sign of each number as a bit (the lowest bit of the first byte
-- is the first number's; 1: above zero). A scan of the signs reads no vector: those stand apart from the rows. A passage
-- whose vector is not here yet has it in `chunks.embedding`; a job moves those.
CREATE TABLE "passage_vectors" (
    "tenant_id" TEXT NOT NULL,
    "file_id" TEXT NOT NULL,
    "ingestion_id" TEXT NOT NULL DEFAULT '',
    "ordinal" INTEGER NOT NULL,
    "dataset_id" TEXT,
    "conversation_id" TEXT,
    "embedding_model" TEXT NOT NULL,
    "dimensions" INTEGER NOT NULL,
    "signs" BYTEA NOT NULL,
    "vector" BYTEA NOT NULL,

    CONSTRAINT "passage_vectors_pkey" PRIMARY KEY ("tenant_id","file_id","ingestion_id","ordinal"),
    CONSTRAINT "passage_vectors_length" CHECK (octet_length("vector") = 4 * "dimensions" AND octet_length("signs") = ("dimensions" + 7) / 8)
);
ALTER TABLE "passage_vectors" ALTER COLUMN "vector" SET STORAGE EXTERNAL;
CREATE INDEX "passage_vectors_tenant_id_dataset_id_idx" ON "passage_vectors"("tenant_id", "dataset_id");
CREATE INDEX "passage_vectors_tenant_id_conversation_id_idx" ON "passage_vectors"("tenant_id", "conversation_id");
ALTER TABLE "passage_vectors" ADD CONSTRAINT "passage_vectors_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;
ALTER TABLE "passage_vectors" ADD CONSTRAINT "passage_vectors_tenant_id_file_id_ingestion_id_ordinal_fkey"
  FOREIGN KEY ("tenant_id", "file_id", "ingestion_id", "ordinal") REFERENCES "chunks"("tenant_id", "file_id", "ingestion_id", "ordinal") ON DELETE CASCADE;
SELECT gt_protect('passage_vectors', 'SELECT, INSERT, UPDATE, DELETE');

-- pgvector's own table, filled by a trigger in the transaction that writes a passage: no writer can forget it, whatever
-- its release. It exists only where the database has pgvector; start-up asks again, since that may come later.
CREATE OR REPLACE FUNCTION gt_store_vector() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  DELETE FROM chunk_vectors v
   WHERE v.tenant_id = NEW.tenant_id AND v.file_id = NEW.file_id AND v.ingestion_id = NEW.ingestion_id AND v.ordinal = NEW.ordinal;
  IF NEW.embedding_model IS NOT NULL AND cardinality(NEW.embedding) BETWEEN 1 AND 16000 THEN
    INSERT INTO chunk_vectors (tenant_id, file_id, ingestion_id, ordinal, dataset_id, conversation_id, attempt, embedding_model, dimensions, embedding)
      SELECT NEW.tenant_id, NEW.file_id, NEW.ingestion_id, NEW.ordinal, NEW.dataset_id, NEW.conversation_id, NEW.attempt,
             NEW.embedding_model, cardinality(NEW.embedding), NEW.embedding::vector
       WHERE vector_norm(NEW.embedding::vector) > 0;
  END IF;
  RETURN NULL;
END
$$;

-- Makes or brings up that table. False where the database has no pgvector of 0.8 or newer, or its user may not use it.
CREATE FUNCTION gt_prepare_pgvector() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  version text := (SELECT coalesce(installed_version, default_version) FROM pg_available_extensions WHERE name = 'vector');
  is_new boolean := to_regclass('chunk_vectors') IS NULL;
BEGIN
  IF version IS NULL OR string_to_array(substring(version FROM '^[0-9.]+'), '.')::int[] < ARRAY[0, 8] THEN
    RETURN false;
  END IF;
  IF is_new THEN
    CREATE EXTENSION IF NOT EXISTS vector;
    CREATE TABLE chunk_vectors (
      tenant_id text NOT NULL, file_id text NOT NULL, ordinal integer NOT NULL, dataset_id text, conversation_id text,
      attempt integer NOT NULL, embedding_model text NOT NULL, dimensions integer NOT NULL, embedding vector NOT NULL);
    CREATE INDEX chunk_vectors_dataset ON chunk_vectors (tenant_id, dataset_id);
    CREATE INDEX chunk_vectors_conversation ON chunk_vectors (tenant_id, conversation_id);
    PERFORM gt_protect('chunk_vectors', 'SELECT, INSERT, UPDATE, DELETE');
  END IF;
  IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'chunk_vectors'::regclass AND attname = 'ingestion_id') THEN
    ALTER TABLE chunk_vectors ADD COLUMN ingestion_id text NOT NULL DEFAULT '';
    ALTER TABLE chunk_vectors DROP CONSTRAINT IF EXISTS chunk_vectors_pkey;
    ALTER TABLE chunk_vectors ADD PRIMARY KEY (tenant_id, file_id, ingestion_id, ordinal);
    ALTER TABLE chunk_vectors ADD FOREIGN KEY (tenant_id, file_id, ingestion_id, ordinal)
      REFERENCES chunks (tenant_id, file_id, ingestion_id, ordinal) ON DELETE CASCADE ON UPDATE CASCADE;
    DROP TRIGGER IF EXISTS chunks_vector ON chunks;
    CREATE TRIGGER chunks_vector
      AFTER INSERT OR UPDATE OF tenant_id, file_id, ingestion_id, ordinal, dataset_id, conversation_id, attempt, embedding_model, embedding
      ON chunks FOR EACH ROW EXECUTE FUNCTION gt_store_vector();
  END IF;
  IF is_new THEN
    SET LOCAL ROLE gt_platform;
    INSERT INTO chunk_vectors (tenant_id, file_id, ingestion_id, ordinal, dataset_id, conversation_id, attempt, embedding_model, dimensions, embedding)
      SELECT c.tenant_id, c.file_id, c.ingestion_id, c.ordinal, c.dataset_id, c.conversation_id, c.attempt,
             c.embedding_model, cardinality(c.embedding), c.embedding::vector
        FROM chunks c WHERE c.embedding_model IS NOT NULL AND cardinality(c.embedding) BETWEEN 1 AND 16000
         AND vector_norm(c.embedding::vector) > 0;
    RESET ROLE;
  END IF;
  RETURN true;
EXCEPTION WHEN insufficient_privilege THEN
  RETURN false;
END
$$;
REVOKE EXECUTE ON FUNCTION gt_prepare_pgvector FROM PUBLIC;
SELECT gt_prepare_pgvector();
