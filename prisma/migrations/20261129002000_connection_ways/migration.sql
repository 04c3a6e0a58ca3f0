-- How calls of a connection leave the platform where they do not leave directly: through an operator's proxy, trusting more
-- certificates. Columns of their own, since the release before refuses options that it does not know.
ALTER TABLE "connections"
  -- `http://host:port` or `socks5://host:port`.
  ADD COLUMN "proxy_url" TEXT,
  -- Name and password at the proxy: sealed, as JSON.
  ADD COLUMN "proxy_secret" BYTEA,
  -- Certificates in PEM that are trusted beside Node's.
  ADD COLUMN "ca" TEXT,
  ADD CONSTRAINT "connections_proxy" CHECK ("proxy_secret" IS NULL OR "proxy_url" IS NOT NULL),
  ADD CONSTRAINT "connections_way_lengths" CHECK (octet_length("proxy_url") <= 512 AND octet_length("proxy_secret") <= 8192
    AND octet_length("ca") <= 131072);
