-- What a key exercised tells from now on also which scopes its calls needed where their route leaves it open, or where a
-- request names what needs a further one. Of calls before that nobody knows it: all that they may have needed counts.
SET LOCAL ROLE gt_platform;
INSERT INTO "key_exercise" ("tenant_id", "key_id", "kind", "value", "calls", "first_at", "last_at")
SELECT e.tenant_id, e.key_id, 'scope', possible.scope, 0, min(e.first_at), max(e.last_at)
  FROM (VALUES
    (ARRAY['files.get', 'files.events'], ARRAY['files:read', 'datasets:write', 'datasets:read', 'conversations:files', 'conversations:read']),
    (ARRAY['files.reprocess'], ARRAY['files:write', 'datasets:write', 'datasets:read', 'conversations:files']),
    (ARRAY['uploads.get'], ARRAY['files:read', 'files:write', 'datasets:write', 'datasets:read', 'conversations:files', 'conversations:read']),
    (ARRAY['upload_targets.list'], ARRAY['datasets:write', 'datasets:read', 'conversations:files']),
    (ARRAY['datasets.files.delete'], ARRAY['datasets:read']),
    (ARRAY['vector_stores.create', 'vector_stores.files.create', 'vector_stores.file_batches.create'], ARRAY['files:read', 'files:write']),
    (ARRAY['batches.create'], ARRAY['inference:chat', 'inference:embed', 'inference:moderate']),
    (ARRAY['models.get', 'fine_tuning.jobs.create'], ARRAY['inference:chat', 'inference:embed', 'inference:moderate', 'inference:image',
           'inference:speech', 'inference:transcribe']),
    (ARRAY['chat.completions.create', 'responses.create', 'responses.compact', 'responses.input_tokens'],
     ARRAY['files:read', 'datasets:read', 'vector_stores:read']),
    (ARRAY['chat.completions.create', 'completions.create', 'embeddings.create', 'moderations.create', 'images.generate', 'images.edit',
           'images.vary', 'audio.speech.create', 'audio.transcriptions.create', 'audio.translations.create', 'responses.create',
           'responses.compact'], ARRAY['inference:override'])
  ) AS known (routes, scopes)
  CROSS JOIN LATERAL unnest(known.scopes) AS possible (scope)
  JOIN "key_exercise" e ON e.kind = 'route' AND e.value = ANY (known.routes)
 GROUP BY e.tenant_id, e.key_id, possible.scope
ON CONFLICT DO NOTHING;
RESET ROLE;
