-- For how many days a tenant's request log is kept where that is less than the platform keeps it; null: as long as the platform does.
ALTER TABLE "tenants" ADD COLUMN "request_log_days" INTEGER;
