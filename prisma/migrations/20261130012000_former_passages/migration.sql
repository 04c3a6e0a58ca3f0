-- The former form of passages (their words as the database cuts them, their vectors as `real[]`) is most of what it costs to
-- store them. It is for the release before, which reads nothing else. A database without a tenant has none that could be
-- read by that release: it was made by this one, so nothing is written twice in it.
DO $$
DECLARE
  is_new boolean := NOT EXISTS (SELECT FROM tenants);
BEGIN
  IF is_new THEN
    ALTER TABLE "chunks" ALTER COLUMN "words" DROP EXPRESSION;
  END IF;
  -- pgvector's table is filled from the former form of vectors.
  EXECUTE format('CREATE FUNCTION gt_keeps_former_passages() RETURNS boolean LANGUAGE sql STABLE AS %L',
    CASE WHEN is_new THEN 'SELECT to_regclass(''public.chunk_vectors'') IS NOT NULL' ELSE 'SELECT true' END);
END
$$;

-- The numbers of a stored vector (float32, little endian), exactly.
CREATE FUNCTION gt_vector_numbers(vector bytea) RETURNS real[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array_agg((CASE WHEN get_byte(vector, at + 3) >= 128 THEN -1 ELSE 1 END
           * CASE WHEN part.exponent = 0 THEN part.fraction * power(2::float8, -149)
                  ELSE (part.fraction + 8388608) * power(2::float8, part.exponent - 150) END)::real ORDER BY at)
    FROM generate_series(0, octet_length(vector) - 4, 4) at,
         LATERAL (SELECT (get_byte(vector, at + 3) & 127) * 2 + (get_byte(vector, at + 2) >> 7) AS exponent,
                         ((get_byte(vector, at + 2) & 127) << 16) + (get_byte(vector, at + 1) << 8) + get_byte(vector, at) AS fraction) part
$$;

-- As before, but where pgvector comes later, passages without the former form get into its table too.
CREATE OR REPLACE FUNCTION gt_prepare_pgvector() RETURNS boolean LANGUAGE plpgsql AS $$
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
             c.embedding_model, cardinality(e.numbers), e.numbers::vector
        FROM chunks c
        LEFT JOIN passage_vectors v ON v.tenant_id = c.tenant_id AND v.file_id = c.file_id AND v.ingestion_id = c.ingestion_id AND v.ordinal = c.ordinal
       CROSS JOIN LATERAL (SELECT coalesce(nullif(c.embedding, '{}'), gt_vector_numbers(v.vector)) AS numbers) e
       WHERE c.embedding_model IS NOT NULL AND cardinality(e.numbers) BETWEEN 1 AND 16000 AND vector_norm(e.numbers::vector) > 0;
    RESET ROLE;
  END IF;
  RETURN true;
EXCEPTION WHEN insufficient_privilege THEN
  RETURN false;
END
$$;
