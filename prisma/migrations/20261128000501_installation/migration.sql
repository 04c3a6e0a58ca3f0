-- The name of this platform in a bucket that it may share with others: its objects stand under it. It is made once.
CREATE TABLE "installation" (
    "id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "installation_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "installation_one" ON "installation" ((true));
INSERT INTO "installation" ("id") VALUES ('ins_' || left(replace(gen_random_uuid()::text, '-', ''), 16));

GRANT SELECT ON "installation" TO gt_platform;
