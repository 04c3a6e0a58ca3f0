-- Which part of what comparing all vectors finds a search of a large dataset finds, as a job has measured it last.
CREATE TABLE "dataset_recalls" (
    "tenant_id" TEXT NOT NULL,
    "dataset_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "value" DOUBLE PRECISION NOT NULL,
    "sampled" INTEGER NOT NULL,

    CONSTRAINT "dataset_recalls_pkey" PRIMARY KEY ("tenant_id", "dataset_id")
);
ALTER TABLE "dataset_recalls" ADD CONSTRAINT "dataset_recalls_tenant_id_dataset_id_fkey" FOREIGN KEY ("tenant_id", "dataset_id") REFERENCES "datasets"("tenant_id", "id") ON DELETE CASCADE;
SELECT gt_protect('dataset_recalls', 'SELECT');
