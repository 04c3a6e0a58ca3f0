-- Rises when a login begins to count or ends, and not when its tokens are renewed: whoever logs in is heard only while it is
-- the one that was there at the beginning.
ALTER TABLE "connection_logins" ADD COLUMN "generation" INTEGER NOT NULL DEFAULT 0;
