-- How many calls a connection has at once, and when a provider that fails is left alone: `connectionLimits` in
-- contracts/connection-limits.ts. What is not said has its default.
ALTER TABLE "connections" ADD COLUMN "limits" JSONB NOT NULL DEFAULT '{}';
