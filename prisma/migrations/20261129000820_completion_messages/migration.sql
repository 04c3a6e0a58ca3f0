-- The messages of a stored completion's request in a form of which a part can be read: their texts one behind the other, and
-- for each the place at which it ends, as 4 bytes. Neither is compressed, so that a page reads its own bytes and no others.
-- Null in rows from before, whose messages stand in "messages".
ALTER TABLE "stored_completions"
  ADD COLUMN "message_texts" BYTEA CONSTRAINT "stored_completions_message_texts_check" CHECK (octet_length("message_texts") <= 16777216),
  ADD COLUMN "message_ends" BYTEA CONSTRAINT "stored_completions_message_ends_check" CHECK (octet_length("message_ends") <= 16777216),
  ALTER COLUMN "message_texts" SET STORAGE EXTERNAL,
  ALTER COLUMN "message_ends" SET STORAGE EXTERNAL;
