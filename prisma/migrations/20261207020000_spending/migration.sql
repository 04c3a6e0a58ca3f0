-- When processes that hold slices of budgets last said that they live, by the folder of their journal.
CREATE TABLE "budget_processes" (
    "journal" TEXT NOT NULL,
    "said_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "budget_processes_pkey" PRIMARY KEY ("journal"),
    CONSTRAINT "budget_processes_length" CHECK (octet_length("journal") <= 256)
) WITH (fillfactor = 50);

GRANT SELECT, INSERT, UPDATE, DELETE ON "budget_processes" TO gt_platform;
-- Who tells of a threshold says so in the transaction of the event.
GRANT UPDATE ("warned_at", "spent_at") ON "budget_periods" TO gt_app;

-- What is taken out of a period and not in the ledger, by all processes but one.
CREATE FUNCTION gt_budget_others(of_tenant text, of_budget text, of_start timestamptz, but_slice text,
                                 OUT unsettled numeric, OUT free numeric, OUT usable numeric) LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(greatest(held - settled, 0)), 0), coalesce(sum(s.free) FILTER (WHERE state = 'open'), 0),
         coalesce(sum(least(s.free + reserved, greatest(held - settled, 0))) FILTER (WHERE state = 'open'), 0)
    FROM budget_slices s
   WHERE tenant_id = of_tenant AND budget_id = of_budget AND starts_at = of_start AND state <> 'closed' AND id <> but_slice
$$;

-- Takes out of budgets and gives back to them, for one process; each ask is answered by itself. A process says all that it
-- holds of a period, so that an exchange that it never heard of is set right by the next one. The row of the period is the lock
-- of its slices; periods are locked in the order of tenant, budget and start.
-- Answers: units granted; how many needs they are enough for; what is left for anybody; whether there is too little for all; how
-- long others may give back, in ms; what may be left when all that is reserved was given back; whether the slice is gone.
CREATE FUNCTION gt_budget_exchange(process text, asks jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
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
  wait_ms integer;
BEGIN
  FOR ask IN SELECT value FROM jsonb_array_elements(asks) ORDER BY value ->> 'tenant', value ->> 'budget', (value ->> 'start')::bigint LOOP
    start := to_timestamp((ask ->> 'start')::double precision / 1000);
    SELECT * INTO budget FROM budgets WHERE tenant_id = ask ->> 'tenant' AND id = ask ->> 'budget' FOR KEY SHARE;
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
      INSERT INTO budget_slices (tenant_id, id, budget_id, starts_at, journal)
        VALUES (budget.tenant_id, ask ->> 'slice', budget.id, start, process) RETURNING * INTO slice;
    END IF;
    IF slice.state = 'closed' OR slice.turn >= (ask ->> 'turn')::integer THEN
      answers := answers || jsonb_build_object(slice.id, jsonb_build_array(0, 0, 0, true, 0, 0, slice.state = 'closed'));
      CONTINUE;
    END IF;
    have := (ask ->> 'have')::bigint;
    usable := (ask ->> 'free')::bigint;
    others := gt_budget_others(budget.tenant_id, budget.id, start, slice.id);
    available := budget.amount - period.settled - others.unsettled - greatest(have - slice.settled, 0);
    later := available + others.usable + least(usable + (ask ->> 'reserved')::bigint, greatest(have - slice.settled, 0));
    -- Only a period that is there now gives anything; clocks may differ by a little.
    IF clock_timestamp() NOT BETWEEN period.starts_at - interval '5 s' AND coalesce(period.ends_at, 'infinity') + interval '5 s' THEN
      available := 0;
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
           turn = (ask ->> 'turn')::integer, state = 'open', said_at = clock_timestamp()
     WHERE tenant_id = slice.tenant_id AND id = slice.id;
    answers := answers || jsonb_build_object(slice.id, jsonb_build_array(
      granted, fits, greatest(available - granted, 0), is_short, wait_ms, greatest(later, 0), false));
  END LOOP;
  RETURN answers;
END
$$;

-- Says that a process lives, and tells the time.
CREATE FUNCTION gt_budget_process(process text) RETURNS double precision LANGUAGE sql AS $$
  INSERT INTO budget_processes (journal, said_at) VALUES (process, clock_timestamp())
    ON CONFLICT (journal) DO UPDATE SET said_at = excluded.said_at;
  SELECT extract(epoch FROM clock_timestamp())::double precision * 1000
$$;

-- What a call claimed of a budget, and what became of it.
CREATE TYPE gt_booked AS (
    tenant_id text, call_id text, budget_id text, slice_id text, starts_at timestamptz, ends_at timestamptz, at timestamptz,
    amount bigint, currency text, taken bigint, tokens integer, is_assumed boolean, is_guess boolean, is_late boolean);

-- Writes calls into the ledger, and what they took into slices and periods. A claim is slice:budget:start:end:amount:currency, and
-- claims are parted by a slash; a budget that only counts has no slice. A call is given when it is written into usage, and once
-- more when its own end replaces what was guessed of it. What a call took is as `takenOf` in modules/spending/claims.ts says.
CREATE FUNCTION gt_ledger_book(calls jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
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
    UPDATE budget_periods p SET settled = p.settled + one.taken
     WHERE p.tenant_id = one.tenant_id AND p.budget_id = one.budget_id AND p.starts_at = one.starts_at;
  END LOOP;
  FOR one IN SELECT tenant_id, slice_id, sum(taken) AS taken FROM unnest(booked) WHERE slice_id <> '' GROUP BY 1, 2 HAVING sum(taken) <> 0 ORDER BY 1, 2 LOOP
    UPDATE budget_slices s SET settled = s.settled + one.taken WHERE s.tenant_id = one.tenant_id AND s.id = one.slice_id;
  END LOOP;
END
$$;

-- What dead processes left behind: what they held counts as spent after ten minutes, unless their journal says otherwise; what
-- nobody needs any more goes. Rows that somebody else holds are left for the next time.
CREATE FUNCTION gt_budget_sweep() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  assumed integer;
BEGIN
  WITH silent AS (
    SELECT s.tenant_id, s.id FROM budget_slices s LEFT JOIN budget_processes p USING (journal)
     WHERE s.state = 'open' AND greatest(s.said_at, coalesce(p.said_at, s.said_at)) < clock_timestamp() - interval '10 minutes'
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

REVOKE ALL ON FUNCTION gt_budget_others, gt_budget_exchange, gt_budget_process, gt_ledger_book, gt_budget_sweep FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gt_budget_others, gt_budget_exchange, gt_budget_process, gt_ledger_book, gt_budget_sweep TO gt_platform;
