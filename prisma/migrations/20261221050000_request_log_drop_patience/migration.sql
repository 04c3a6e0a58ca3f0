-- After a second Postgres ends an automatic vacuum that is in the way; who drops days must still be there then.
ALTER FUNCTION gt_drop_request_days(text, date, integer) SET lock_timeout = '1500ms';
