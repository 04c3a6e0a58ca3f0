-- What a provider's refusals taught of its limit, told to the admin and the start of every other process: so many texts
-- in one embedding call of this model, the provider's cleaned sentence, and when it was learned last. All null: nothing.
ALTER TABLE "connections"
  ADD COLUMN "embedding_batch_learned" INTEGER
    CONSTRAINT "connections_embedding_batch_learned_check" CHECK ("embedding_batch_learned" >= 1),
  ADD COLUMN "embedding_batch_model" TEXT,
  ADD COLUMN "embedding_batch_refusal" TEXT
    CONSTRAINT "connections_embedding_batch_refusal_check" CHECK (char_length("embedding_batch_refusal") <= 500),
  ADD COLUMN "embedding_batch_learned_at" TIMESTAMPTZ(3),
  ADD CONSTRAINT "connections_embedding_batch_whole_check" CHECK (
    num_nulls("embedding_batch_learned", "embedding_batch_model", "embedding_batch_learned_at") IN (0, 3)
    AND ("embedding_batch_refusal" IS NULL OR "embedding_batch_learned" IS NOT NULL));
