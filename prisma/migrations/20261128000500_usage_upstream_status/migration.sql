-- What the provider answered, for whoever asks why a call failed. A process of the release before leaves it empty.
ALTER TABLE "usage" ADD COLUMN "upstream_status" INTEGER;
