import type pg from 'pg';

/** Each gives rows of what is wrong. Entries of deleted budgets have no periods any more. */
const checks: Readonly<Record<string, string>> = {
  'a call is not reserved = settled + released': `
    select call_id, budget_id from ledger_entries group by tenant_id, call_id, budget_id
    having sum(amount) filter (where kind = 'reserve') is distinct from sum(amount) filter (where kind <> 'reserve')`,
  'a period is not the sum of its calls': `
    select p.budget_id, p.settled, coalesce(sum(l.amount), 0) as summed
      from budget_periods p left join ledger_entries l
        on l.tenant_id = p.tenant_id and l.budget_id = p.budget_id and l.starts_at = p.starts_at and l.kind = 'settle'
     group by p.tenant_id, p.budget_id, p.starts_at having p.settled <> coalesce(sum(l.amount), 0)`,
  'a slice is not the sum of its calls': `
    select s.id, s.settled, coalesce(sum(l.amount), 0) as summed
      from budget_slices s left join ledger_entries l on l.tenant_id = s.tenant_id and l.slice_id = s.id and l.kind = 'settle'
     group by s.tenant_id, s.id having s.settled <> coalesce(sum(l.amount), 0)`,
  'a call and its usage differ': `
    select l.call_id, l.amount, u.total_tokens, u.charge from ledger_entries l left join usage u on u.tenant_id = l.tenant_id and u.id = l.call_id
     where l.kind = 'settle' and not l.is_assumed
       and (u.id is null or l.tokens <> u.total_tokens
         or l.amount is distinct from case when l.currency is null then u.total_tokens else u.charge end
         or (l.currency is not null and l.currency <> u.currency))`,
  'a call took something and is not settled': `
    select l.call_id from ledger_entries l join usage u on u.tenant_id = l.tenant_id and u.id = l.call_id
     where l.kind = 'reserve' and u.total_tokens > 0
       and not exists (select 1 from ledger_entries s where s.tenant_id = l.tenant_id and s.call_id = l.call_id
                          and s.budget_id = l.budget_id and s.kind = 'settle')`,
};

/** What does not agree in the ledger, its periods and slices, and the usage records; nothing where all is right. */
export async function ledgerFaults(client: pg.Client): Promise<string[]> {
  const faults: string[] = [];
  for (const [what, sql] of Object.entries(checks)) {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    faults.push(...rows.slice(0, 5).map((row) => `${what}: ${JSON.stringify(row)}`));
  }
  return faults;
}
