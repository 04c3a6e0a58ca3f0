-- Which routes of a key are held is a change of the key that all processes hear of at once. The trigger's other columns stay as they
-- were.
CREATE OR REPLACE TRIGGER keys_change AFTER INSERT OR DELETE OR UPDATE OF "name", "purpose", "preset", "scopes", "agents", "raw_models",
  "datasets", "limits", "allowed_ips", "prompt_policy", "keep_alive", "websocket", "approval", "state", "expires_at", "inference_key_id", "upload_key_id"
  ON "keys" FOR EACH ROW EXECUTE FUNCTION gt_record_change();
