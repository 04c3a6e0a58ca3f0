-- How many texts an embedding model of the connection takes in one call; null: learned from the provider's refusals. A column
-- of its own, since the release before refuses options that it does not know.
ALTER TABLE "connections" ADD COLUMN "embedding_batch_size" INTEGER
  CONSTRAINT "connections_embedding_batch_size_check" CHECK ("embedding_batch_size" BETWEEN 1 AND 2048);
