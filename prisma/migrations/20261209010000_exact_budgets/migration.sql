-- Whoever deletes budgets, keys or tenants holds many rows, in any order. So that exchanges and drains never wait for them, they
-- lock no budget: periods do not refer to it. What a budget leaves behind is swept.
ALTER TABLE "budget_periods" DROP CONSTRAINT "budget_periods_tenant_id_budget_id_fkey";

-- When its journal was taken over: what it had said before and comes later is not heard any more.
ALTER TABLE "budget_processes" ADD COLUMN "over_at" TIMESTAMPTZ(3);

-- As in 20261207020000, but: a budget is read without a lock; a process whose journal was taken over gets nothing; a slice that was
-- closed while its process lives is opened again, without what was free; a period ends when its asker says; and nothing is refused
-- for good because of a clock.
-- Answers: units granted; how many needs they are enough for; what is left for anybody; whether there is too little for all; how
-- long others may give back, in ms; what may be left when all that is reserved was given back; whether what was free is gone.
CREATE OR REPLACE FUNCTION gt_budget_exchange(process text, asks jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  -- Nothing now, and nobody knows of later.
  nothing CONSTANT jsonb := '[0, 0, 0, true, 300, 9007199254740991, true]';
  ask jsonb;
  answers jsonb := '{}';
  budget budgets%ROWTYPE;
  period budget_periods%ROWTYPE;
  slice budget_slices%ROWTYPE;
  others record;
  start timestamptz;
  have bigint;
  usable bigint;
  available numeric;
  need bigint;
  summed bigint;
  fits integer;
  granted bigint;
  later numeric;
  is_short boolean;
  is_gone boolean;
  wait_ms integer;
BEGIN
  -- Whoever takes over the journal waits for this transaction, and all that comes later finds it over.
  PERFORM 1 FROM budget_processes WHERE journal = process AND over_at IS NULL FOR KEY SHARE;
  IF NOT FOUND THEN
    RETURN (SELECT coalesce(jsonb_object_agg(value ->> 'slice', nothing), '{}') FROM jsonb_array_elements(asks));
  END IF;
  FOR ask IN SELECT value FROM jsonb_array_elements(asks) ORDER BY value ->> 'tenant', value ->> 'budget', (value ->> 'start')::bigint LOOP
    start := to_timestamp((ask ->> 'start')::double precision / 1000);
    SELECT * INTO budget FROM budgets WHERE tenant_id = ask ->> 'tenant' AND id = ask ->> 'budget';
    IF NOT FOUND THEN
      -- Nobody limits what no budget counts any more.
      SELECT coalesce(sum(value::bigint), 0), count(*) INTO granted, fits FROM jsonb_array_elements_text(ask -> 'needs');
      answers := answers || jsonb_build_object(ask ->> 'slice', jsonb_build_array(granted, fits, 0, false, 0, 0, false));
      CONTINUE;
    END IF;
    INSERT INTO budget_periods (tenant_id, budget_id, starts_at, ends_at)
      VALUES (budget.tenant_id, budget.id, start, to_timestamp((ask ->> 'end')::double precision / 1000)) ON CONFLICT DO NOTHING;
    SELECT * INTO period FROM budget_periods WHERE tenant_id = budget.tenant_id AND budget_id = budget.id AND starts_at = start FOR UPDATE;
    SELECT * INTO slice FROM budget_slices WHERE tenant_id = budget.tenant_id AND id = ask ->> 'slice' FOR UPDATE;
    IF NOT FOUND THEN
      -- One that was spent, closed and deleted while its process could not say anything: what the ledger has of it is not open.
      SELECT coalesce(sum(amount), 0) INTO summed FROM ledger_entries
       WHERE (ask ->> 'have')::bigint > (ask ->> 'free')::bigint + (ask ->> 'reserved')::bigint AND tenant_id = budget.tenant_id
         AND budget_id = budget.id AND starts_at = start AND kind = 'settle' AND slice_id = ask ->> 'slice';
      INSERT INTO budget_slices (tenant_id, id, budget_id, starts_at, journal, settled)
        VALUES (budget.tenant_id, ask ->> 'slice', budget.id, start, process, summed) RETURNING * INTO slice;
    END IF;
    IF slice.turn >= (ask ->> 'turn')::integer THEN
      answers := answers || jsonb_build_object(slice.id, nothing);
      CONTINUE;
    END IF;
    have := (ask ->> 'have')::bigint;
    usable := (ask ->> 'free')::bigint;
    -- What was free may be somebody else's by now; what runs still runs.
    is_gone := slice.state = 'closed';
    IF is_gone THEN
      have := have - usable;
      usable := 0;
    END IF;
    others := gt_budget_others(budget.tenant_id, budget.id, start, slice.id);
    available := budget.amount - period.settled - others.unsettled - greatest(have - slice.settled, 0);
    later := available + others.usable + least(usable + (ask ->> 'reserved')::bigint, greatest(have - slice.settled, 0));
    -- Only a period that is there now gives anything; clocks may differ by a little, and whose is wrong hears of it in this answer.
    IF clock_timestamp() NOT BETWEEN start - interval '5 s'
        AND coalesce(to_timestamp((ask ->> 'end')::double precision / 1000), 'infinity') + interval '5 s' THEN
      available := 0;
      later := budget.amount;
    END IF;
    summed := 0;
    fits := 0;
    FOR need IN SELECT value::bigint FROM jsonb_array_elements_text(ask -> 'needs') LOOP
      EXIT WHEN summed + need > usable + greatest(available, 0);
      summed := summed + need;
      fits := fits + 1;
    END LOOP;
    granted := greatest(summed - usable, 0);
    wait_ms := 0;
    IF fits < jsonb_array_length(ask -> 'needs') THEN
      need := (ask -> 'needs' ->> fits)::bigint;
      IF others.free > 0 OR summed + need <= later THEN
        wait_ms := 300;
      END IF;
      IF period.short_until IS NULL OR period.short_until < clock_timestamp() + interval '500 ms' THEN
        period.short_until := clock_timestamp() + interval '1 s';
        UPDATE budget_periods SET short_until = period.short_until
         WHERE tenant_id = budget.tenant_id AND budget_id = budget.id AND starts_at = start;
      END IF;
    END IF;
    is_short := coalesce(period.short_until >= clock_timestamp(), false);
    IF NOT is_short THEN
      granted := granted + greatest(0, least((ask ->> 'ahead')::bigint, floor(available - granted - budget.amount / 10.0)))::bigint;
    END IF;
    UPDATE budget_slices
       SET held = have + granted, free = usable + granted - summed, reserved = (ask ->> 'reserved')::bigint + summed,
           turn = (ask ->> 'turn')::integer, state = 'open', journal = process, said_at = clock_timestamp()
     WHERE tenant_id = slice.tenant_id AND id = slice.id;
    answers := answers || jsonb_build_object(slice.id, jsonb_build_array(
      granted, fits, greatest(available - granted, 0), is_short, wait_ms, greatest(later, 0), is_gone));
  END LOOP;
  RETURN answers;
END
$$;

-- As in 20261207020000, but: what is summed up stays within what a column holds, so that no call stops all that come after it.
CREATE OR REPLACE FUNCTION gt_ledger_book(calls jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  most CONSTANT numeric := 9e18;
  booked gt_booked[];
  one record;
BEGIN
  SELECT array_agg(ROW(
           c.tenant, c.call, split_part(claim, ':', 2), split_part(claim, ':', 1),
           to_timestamp(split_part(claim, ':', 3)::double precision / 1000),
           to_timestamp(nullif(split_part(claim, ':', 4), '')::double precision / 1000), to_timestamp(c.at / 1000),
           split_part(claim, ':', 5)::bigint, nullif(split_part(claim, ':', 6), ''),
           CASE WHEN c.guess THEN 0
                WHEN split_part(claim, ':', 6) = '' THEN c.tokens
                WHEN c.currency = split_part(claim, ':', 6) THEN c.charge
                ELSE split_part(claim, ':', 5)::bigint END,
           c.tokens, NOT c.guess AND split_part(claim, ':', 6) <> '' AND c.currency IS DISTINCT FROM split_part(claim, ':', 6),
           c.guess, c.late)::gt_booked)
    INTO booked
    FROM jsonb_to_recordset(calls) AS c (tenant text, call text, at double precision, tokens integer, charge bigint, currency text,
                                         guess boolean, late boolean, claims text),
         unnest(string_to_array(c.claims, '/')) AS claim;
  INSERT INTO ledger_entries (tenant_id, call_id, budget_id, kind, part, starts_at, slice_id, at, amount, currency, tokens, is_assumed)
  SELECT * FROM (
    SELECT tenant_id, call_id, budget_id, 'reserve', 0, starts_at, slice_id, at, amount, currency, 0, false
      FROM unnest(booked) WHERE NOT is_late
    UNION ALL
    SELECT tenant_id, call_id, budget_id, 'settle', 0, starts_at, slice_id, at, taken, currency, tokens, is_assumed
      FROM unnest(booked) WHERE NOT is_guess
    UNION ALL
    SELECT tenant_id, call_id, budget_id, 'release', CASE WHEN is_guess THEN 1 ELSE 0 END, starts_at, slice_id, at, amount - taken, currency, 0, false
      FROM unnest(booked) WHERE amount <> taken
    UNION ALL
    SELECT tenant_id, call_id, budget_id, 'release', 2, starts_at, slice_id, at, -amount, currency, 0, false
      FROM unnest(booked) WHERE is_late AND amount <> 0
  ) entries ORDER BY 1, 2, 3, 4, 5 ON CONFLICT DO NOTHING;
  INSERT INTO budget_periods (tenant_id, budget_id, starts_at, ends_at)
  SELECT DISTINCT ON (1, 2, 3) b.tenant_id, b.budget_id, b.starts_at, b.ends_at
    FROM unnest(booked) b JOIN budgets ON budgets.tenant_id = b.tenant_id AND budgets.id = b.budget_id ORDER BY 1, 2, 3
  ON CONFLICT DO NOTHING;
  PERFORM 1 FROM budget_periods WHERE (tenant_id, budget_id, starts_at) IN (SELECT b.tenant_id, b.budget_id, b.starts_at FROM unnest(booked) b)
    ORDER BY tenant_id, budget_id, starts_at FOR UPDATE;
  FOR one IN SELECT tenant_id, budget_id, starts_at, sum(taken) AS taken FROM unnest(booked) GROUP BY 1, 2, 3 HAVING sum(taken) <> 0 ORDER BY 1, 2, 3 LOOP
    UPDATE budget_periods p SET settled = least(p.settled + one.taken, most)
     WHERE p.tenant_id = one.tenant_id AND p.budget_id = one.budget_id AND p.starts_at = one.starts_at;
  END LOOP;
  FOR one IN SELECT tenant_id, slice_id, sum(taken) AS taken FROM unnest(booked) WHERE slice_id <> '' GROUP BY 1, 2 HAVING sum(taken) <> 0 ORDER BY 1, 2 LOOP
    UPDATE budget_slices s SET settled = least(s.settled + one.taken, most) WHERE s.tenant_id = one.tenant_id AND s.id = one.slice_id;
  END LOOP;
END
$$;

-- What dead processes left behind: what they held counts as spent after ten minutes, unless their journal says otherwise; what
-- nobody needs any more goes, with what deleted budgets left. A slice out of which all was spent is closed though its process
-- lives, which opens it again where it needs it. Rows that somebody else holds are left for the next time.
CREATE OR REPLACE FUNCTION gt_budget_sweep() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  assumed integer;
BEGIN
  WITH left_behind AS (
    SELECT p.tenant_id, p.budget_id, p.starts_at FROM budget_periods p
     WHERE NOT EXISTS (SELECT 1 FROM budgets b WHERE b.tenant_id = p.tenant_id AND b.id = p.budget_id) FOR UPDATE OF p SKIP LOCKED)
  DELETE FROM budget_periods p USING left_behind l
   WHERE p.tenant_id = l.tenant_id AND p.budget_id = l.budget_id AND p.starts_at = l.starts_at;
  WITH silent AS (
    SELECT s.tenant_id, s.id FROM budget_slices s LEFT JOIN budget_processes p USING (journal)
     WHERE s.state = 'open' AND s.said_at < clock_timestamp() - interval '10 minutes'
       AND ((s.held <= s.settled AND s.free = 0 AND s.reserved = 0)
         OR coalesce(p.said_at, s.said_at) < clock_timestamp() - interval '10 minutes')
     FOR UPDATE OF s SKIP LOCKED)
  UPDATE budget_slices s SET state = CASE WHEN s.held > s.settled THEN 'assumed' ELSE 'closed' END, free = 0, reserved = 0
    FROM silent WHERE s.tenant_id = silent.tenant_id AND s.id = silent.id;
  SELECT count(*) INTO assumed FROM budget_slices WHERE state = 'assumed';
  WITH over AS (
    SELECT tenant_id, id FROM budget_slices WHERE state = 'closed' AND said_at < clock_timestamp() - interval '1 day' FOR UPDATE SKIP LOCKED)
  DELETE FROM budget_slices s USING over WHERE s.tenant_id = over.tenant_id AND s.id = over.id;
  DELETE FROM budget_processes WHERE journal IN (
    SELECT journal FROM budget_processes WHERE said_at < clock_timestamp() - interval '1 day' FOR UPDATE SKIP LOCKED);
  RETURN assumed;
END
$$;

-- The journal of a process is in the database as a whole, or is never going to be: what the process did not spend is anybody's again.
-- What it says later, or said before and is on its way, is not heard.
CREATE FUNCTION gt_budget_over(process text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO budget_processes (journal, said_at) VALUES (process, clock_timestamp()) ON CONFLICT DO NOTHING;
  PERFORM 1 FROM budget_processes WHERE journal = process FOR UPDATE;
  UPDATE budget_processes SET over_at = coalesce(over_at, clock_timestamp()) WHERE journal = process;
END
$$;

REVOKE ALL ON FUNCTION gt_budget_over FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gt_budget_over TO gt_platform;
