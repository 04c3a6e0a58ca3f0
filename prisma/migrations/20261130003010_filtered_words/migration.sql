-- As `gt_find_passages`, which the release before asks, but where `only_files` is given only among these ingestions, the n-th
-- file with the n-th ingestion (empty: the file's own). Passages of older releases are of no store and not looked at here.
CREATE FUNCTION gt_find_passages_of(query tsquery, exact tsquery[], parts tsquery[], weights real[], datasets text[],
                                    only_files text[], only_ingestions text[], most integer)
  RETURNS TABLE (file_id text, ingestion_id text, ordinal integer) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT m.file_id, m.ingestion_id, m.ordinal
    FROM (SELECT c.file_id, c.ingestion_id, c.ordinal, c.search_words || ''::tsvector AS words
            FROM chunks c JOIN files f ON f.tenant_id = c.tenant_id AND f.id = c.file_id
            LEFT JOIN ingestions i ON i.tenant_id = c.tenant_id AND i.id = c.ingestion_id
           WHERE c.tenant_id = gt_tenant() AND c.dataset_id = ANY (datasets) AND c.search_words @@ query
             AND coalesce(i.state, f.state) <> 'failed'
             AND (only_files IS NULL OR (c.file_id, c.ingestion_id) IN (SELECT o.f, o.i FROM unnest(only_files, only_ingestions) o (f, i)))
           LIMIT 2000) m
   ORDER BY (SELECT coalesce(sum(p.weight), 0) FROM unnest(parts, weights) p (part, weight) WHERE m.words @@ p.part) DESC,
            (SELECT count(*) FROM unnest(exact) e (part) WHERE m.words @@ e.part) DESC,
            ts_rank_cd('{1, 1, 1, 1}', m.words, query) DESC, m.file_id, m.ingestion_id, m.ordinal
   LIMIT most
$$;

GRANT CREATE ON SCHEMA public TO gt_platform;
ALTER FUNCTION gt_find_passages_of OWNER TO gt_platform;
REVOKE CREATE ON SCHEMA public FROM gt_platform;
REVOKE EXECUTE ON FUNCTION gt_find_passages_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gt_find_passages_of TO gt_app;
