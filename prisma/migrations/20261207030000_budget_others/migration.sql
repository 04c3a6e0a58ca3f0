-- What a slice has free is no more than what the ledger does not have of it, however long ago its process has told.
CREATE OR REPLACE FUNCTION gt_budget_others(of_tenant text, of_budget text, of_start timestamptz, but_slice text,
                                            OUT unsettled numeric, OUT free numeric, OUT usable numeric) LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(rest), 0), coalesce(sum(least(s.free, rest)) FILTER (WHERE state = 'open'), 0),
         coalesce(sum(least(s.free + reserved, rest)) FILTER (WHERE state = 'open'), 0)
    FROM budget_slices s, LATERAL (SELECT greatest(held - settled, 0) AS rest) unsettled
   WHERE tenant_id = of_tenant AND budget_id = of_budget AND starts_at = of_start AND state <> 'closed' AND id <> but_slice
$$;
