-- Whether the hidden sheets of a dataset's workbooks are read. A constant default: no row is rewritten, and a release
-- that does not know the column writes the default.
ALTER TABLE "datasets" ADD COLUMN "hidden_sheets" BOOLEAN NOT NULL DEFAULT false;
