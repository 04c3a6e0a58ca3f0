-- The words of a passage as the application cuts and folds them (`platform/words`): compound words with their parts, without
-- accents, and words of scripts without blanks. Rows that have none are served by `words` until a job brings them over.
ALTER TABLE "chunks" ADD COLUMN "search_words" tsvector;
CREATE INDEX "chunks_search_words_idx" ON "chunks" USING GIN ("search_words") WHERE "search_words" IS NOT NULL;
CREATE INDEX "chunks_without_search_words" ON "chunks" ("tenant_id") WHERE "search_words" IS NULL;

-- Bringing the words over changes no vector.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_trigger WHERE tgname = 'chunks_vector' AND tgrelid = 'chunks'::regclass) THEN
    DROP TRIGGER "chunks_vector" ON "chunks";
    CREATE TRIGGER "chunks_vector"
      AFTER INSERT OR UPDATE OF "tenant_id", "file_id", "ordinal", "dataset_id", "conversation_id", "attempt", "embedding_model", "embedding"
      ON "chunks" FOR EACH ROW EXECUTE FUNCTION gt_store_vector();
  END IF;
END
$$;

-- As `gt_count_chunks` and `gt_match_chunks`, which the release before asks: `old_…` are the same words as `words` has them.

-- In how many chunks of the scope each word stands; from `most` on it is not counted further.
CREATE FUNCTION gt_count_words(parts tsquery[], old_parts tsquery[], datasets text[], conversations text[], most integer)
  RETURNS integer[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT array_agg((SELECT count(*) FROM (
           (SELECT FROM chunks c WHERE c.tenant_id = gt_tenant() AND (c.dataset_id = ANY (datasets) OR c.conversation_id = ANY (conversations))
              AND c.search_words @@ part.query LIMIT most)
           UNION ALL
           (SELECT FROM chunks c WHERE c.tenant_id = gt_tenant() AND (c.dataset_id = ANY (datasets) OR c.conversation_id = ANY (conversations))
              AND c.search_words IS NULL AND c.words @@ part.old
              AND EXISTS (SELECT FROM chunks o WHERE o.tenant_id = gt_tenant() AND o.search_words IS NULL) LIMIT most)) found)::integer ORDER BY part.place)
    FROM unnest(parts, old_parts) WITH ORDINALITY part (query, old, place)
$$;

-- The best `most` chunks that match (the passages of a file that is made anew serve until new ones take their place): by the
-- weights of the parts in them, then by how many words stand in them exactly as they are typed, then by how near they stand.
-- Of more than 2,000 that match, 2,000 are judged. `||` makes one plain copy of what is stored compressed.
CREATE FUNCTION gt_find_chunks(query tsquery, exact tsquery[], parts tsquery[], weights real[], old_query tsquery, old_parts tsquery[],
                               datasets text[], conversations text[], most integer)
  RETURNS TABLE (file_id text, ordinal integer) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT m.file_id, m.ordinal
    FROM ((SELECT c.file_id, c.ordinal, c.search_words || ''::tsvector AS words, true AS has_new
             FROM chunks c JOIN files f ON f.tenant_id = c.tenant_id AND f.id = c.file_id AND f.state <> 'failed'
            WHERE c.tenant_id = gt_tenant() AND (c.dataset_id = ANY (datasets) OR c.conversation_id = ANY (conversations))
              AND c.search_words @@ query
            LIMIT 2000)
          UNION ALL
          (SELECT c.file_id, c.ordinal, c.words || ''::tsvector, false
             FROM chunks c JOIN files f ON f.tenant_id = c.tenant_id AND f.id = c.file_id AND f.state <> 'failed'
            WHERE c.tenant_id = gt_tenant() AND (c.dataset_id = ANY (datasets) OR c.conversation_id = ANY (conversations))
              AND c.search_words IS NULL AND c.words @@ old_query
              AND EXISTS (SELECT FROM chunks o WHERE o.tenant_id = gt_tenant() AND o.search_words IS NULL)
            LIMIT 2000)) m
   ORDER BY (SELECT coalesce(sum(p.weight), 0) FROM unnest(CASE WHEN m.has_new THEN parts ELSE old_parts END, weights) p (part, weight)
              WHERE m.words @@ p.part) DESC,
            (SELECT count(*) FROM unnest(exact) e (part) WHERE m.has_new AND m.words @@ e.part) DESC,
            ts_rank_cd('{1, 1, 1, 1}', m.words, CASE WHEN m.has_new THEN query ELSE old_query END) DESC, m.file_id, m.ordinal
   LIMIT most
$$;

GRANT CREATE ON SCHEMA public TO gt_platform;
ALTER FUNCTION gt_count_words OWNER TO gt_platform;
ALTER FUNCTION gt_find_chunks OWNER TO gt_platform;
REVOKE CREATE ON SCHEMA public FROM gt_platform;
REVOKE EXECUTE ON FUNCTION gt_count_words, gt_find_chunks FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gt_count_words, gt_find_chunks TO gt_app;
