-- Whether a key may open the WebSocket of Responses.
ALTER TABLE "keys" ADD COLUMN "websocket" BOOLEAN NOT NULL DEFAULT true;
