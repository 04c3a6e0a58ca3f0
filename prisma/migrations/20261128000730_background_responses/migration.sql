-- Responses that a worker makes while nobody waits for them: how far each is, and what the worker asks. The response itself
-- stands in "responses" from the beginning, and takes this row with it when it goes.
CREATE TABLE "background_responses" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "route" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'queued',
    "request_id" TEXT NOT NULL,
    "ip" TEXT NOT NULL,
    -- The headers that count for the call, as JSON text.
    "headers" TEXT NOT NULL,
    -- What the worker asks; gone when the response has ended.
    "body" BYTEA,
    -- The run that has it, and when that run last said that it lives.
    "owner" TEXT,
    "beat_at" TIMESTAMPTZ(3),
    -- Committed before the call goes out: behind it nothing is ever sent again.
    "sent_at" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    -- When its job was queued; null while it has none.
    "enqueued_at" TIMESTAMPTZ(3),
    -- Of the newest event that is stored, and the bytes of all of them.
    "last_number" INTEGER NOT NULL DEFAULT -1,
    "event_bytes" INTEGER NOT NULL DEFAULT 0,
    -- What a request for its stream under an Idempotency-Key is known again by.
    "repeat_key" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "background_responses_pkey" PRIMARY KEY ("tenant_id","id"),
    CONSTRAINT "background_responses_state" CHECK ("state" IN ('queued', 'running', 'completed', 'incomplete', 'failed', 'cancelled')),
    CONSTRAINT "background_responses_owner" CHECK (("state" = 'running') = ("owner" IS NOT NULL) AND ("owner" IS NULL) = ("beat_at" IS NULL)),
    CONSTRAINT "background_responses_sent" CHECK ("state" <> 'queued' OR "sent_at" IS NULL),
    CONSTRAINT "background_responses_answered" CHECK ("state" NOT IN ('completed', 'incomplete') OR "sent_at" IS NOT NULL),
    CONSTRAINT "background_responses_body" CHECK (("state" IN ('queued', 'running')) = ("body" IS NOT NULL)),
    CONSTRAINT "background_responses_lengths" CHECK (octet_length("headers") <= 65536 AND octet_length("ip") <= 128
      AND octet_length("request_id") <= 256 AND octet_length("route") <= 64 AND octet_length("repeat_key") <= 128)
);

-- What the sweep looks for.
CREATE INDEX "background_responses_open" ON "background_responses" ("tenant_id", "state") WHERE "state" IN ('queued', 'running');
CREATE UNIQUE INDEX "background_responses_tenant_id_repeat_key_key" ON "background_responses" ("tenant_id", "repeat_key");

-- The events of such a response, as they are streamed. Numbers rise; deltas that came together stand under their last number.
CREATE TABLE "response_events" (
    "tenant_id" TEXT NOT NULL,
    "response_id" TEXT NOT NULL,
    "sequence_number" INTEGER NOT NULL,
    "type" TEXT NOT NULL,
    "event" TEXT NOT NULL,

    CONSTRAINT "response_events_pkey" PRIMARY KEY ("tenant_id","response_id","sequence_number"),
    CONSTRAINT "response_events_number" CHECK ("sequence_number" >= 0),
    CONSTRAINT "response_events_lengths" CHECK (octet_length("type") <= 256)
);

ALTER TABLE "background_responses" ADD CONSTRAINT "background_responses_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;
ALTER TABLE "background_responses" ADD CONSTRAINT "background_responses_tenant_id_id_fkey" FOREIGN KEY ("tenant_id", "id") REFERENCES "responses"("tenant_id", "id") ON DELETE CASCADE;
ALTER TABLE "response_events" ADD CONSTRAINT "response_events_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;
ALTER TABLE "response_events" ADD CONSTRAINT "response_events_tenant_id_response_id_fkey" FOREIGN KEY ("tenant_id", "response_id") REFERENCES "background_responses"("tenant_id", "id") ON DELETE CASCADE;

SELECT gt_protect('background_responses', 'SELECT, INSERT, UPDATE, DELETE');
SELECT gt_protect('response_events', 'SELECT, INSERT, UPDATE, DELETE');
