-- Tokens that calls take in turn with that of the connection: sealed as one, their number beside it. The release before neither
-- reads nor writes them; what it moves elsewhere opens there no more.
ALTER TABLE "connections" ADD COLUMN "further_tokens" BYTEA;
ALTER TABLE "connections" ADD COLUMN "further_token_count" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "connections" ADD CONSTRAINT "connections_further_tokens_check" CHECK (
  ("further_tokens" IS NOT NULL) = ("further_token_count" > 0) AND "further_token_count" BETWEEN 0 AND 15
  AND octet_length("further_tokens") <= 262144
);

-- Sixteen values of two KiB of quotes, which JSON writes as twice as many, have room.
ALTER TABLE "connections" DROP CONSTRAINT "connections_headers_check";
ALTER TABLE "connections" ADD CONSTRAINT "connections_headers_check" CHECK (
  ("headers" IS NOT NULL) = (coalesce(cardinality("header_names"), 0) > 0) AND cardinality("header_names") <= 16
  AND octet_length("headers") <= 131072
);
