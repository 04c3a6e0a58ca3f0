-- The former word index, which the release before asks, was the most that storing a passage cost: its text is normalised and
-- searched for letters beyond ASCII. A text that has none stays as it is but for its capitals, so that is all that is done.
DO $$
DECLARE
  letters text := (SELECT quote_ident(collname) FROM pg_collation WHERE collname IN ('pg_c_utf8', 'und-x-icu') ORDER BY collname LIMIT 1);
  body text := (SELECT regexp_replace(prosrc, '^\s*SELECT\s', '') FROM pg_proc WHERE oid = 'gt_search_text(text)'::regprocedure);
BEGIN
  EXECUTE format($body$
    CREATE OR REPLACE FUNCTION gt_search_text(content text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
      SELECT CASE WHEN octet_length(content) = char_length(content) THEN lower(content %s)
        ELSE %s END
    $f$ $body$, 'COLLATE ' || letters, body);
END
$$;
