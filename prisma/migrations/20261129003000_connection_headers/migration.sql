-- Headers that go with every call over a connection: sealed as one, their names beside it, in lower case and sorted. The release
-- before neither reads nor writes them; what it moves elsewhere opens there no more.
ALTER TABLE "connections" ADD COLUMN "headers" BYTEA;
ALTER TABLE "connections" ADD COLUMN "header_names" TEXT[] DEFAULT '{}';
ALTER TABLE "connections" ADD CONSTRAINT "connections_headers_check" CHECK (
  ("headers" IS NOT NULL) = (coalesce(cardinality("header_names"), 0) > 0) AND cardinality("header_names") <= 16
  AND octet_length("headers") <= 65536
);
