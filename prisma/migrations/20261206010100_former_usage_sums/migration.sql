-- The sums that `usage_hourly`, `usage_daily` and `usage_open` take the place of. No release has used them.
DROP TABLE "usage_hours", "usage_hours_open", "usage_amounts", "usage_amounts_open";
DROP FUNCTION gt_add_up_media;
