-- The languages in which the text of scanned pages of a dataset is recognized; none: it is not. A constant default: no row is
-- rewritten, and a release that does not know the column writes the default.
ALTER TABLE "datasets" ADD COLUMN "ocr_languages" TEXT[] DEFAULT '{}';
