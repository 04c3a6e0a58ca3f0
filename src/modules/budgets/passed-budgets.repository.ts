import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';

/** A period of a budget in which a threshold was passed. */
export interface PassedPeriod {
  readonly tenantId: string;
  readonly budgetId: string;
  readonly startsAt: Date;
}

/**
 * What was passed in a period that is over is told for a day, unless the budget was changed since: what it had then is not known.
 * What counts as passed is as `standingOf` says, and what was told as `BudgetMarks` does.
 */
const passedOf = (tenants: string): string => `
  select t.id as "tenantId", p.budget_id as "budgetId", p.starts_at as "startsAt"
    from ${tenants} t
         join budget_periods p on p.tenant_id = t.id and (p.ends_at is null or p.ends_at > now() - interval '1 day')
         join budgets b on b.tenant_id = t.id and b.id = p.budget_id
         cross join lateral (
           select p.settled + coalesce(sum(greatest(s.held - s.settled, 0)), 0) as spent from budget_slices s
            where s.tenant_id = t.id and s.budget_id = p.budget_id and s.starts_at = p.starts_at and s.state = 'assumed') counted
   where counted.spent > 0 and (p.ends_at is null or p.ends_at > now() or b.updated_at < p.ends_at)
     and (counted.spent >= b.amount and coalesce(p.spent_for, -1) < b.amount
          or counted.spent * 100 >= b.amount * b.soft_percent and coalesce(p.warned_for, -1) < b.amount * b.soft_percent)
   limit $1`;

const ofAll = passedOf('tenants');
const ofSome = passedOf('(select id from tenants where id = any($2))');

/** Looks for budgets of which somebody is to be told. */
@Injectable()
export class PassedBudgetsRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** Up to `limit` periods of these tenants' budgets, or of all tenants'. */
  find(limit: number, tenantIds?: readonly string[]): Promise<PassedPeriod[]> {
    return this.database.runSql(async (client) => {
      const { rows } =
        tenantIds === undefined
          ? await client.query<PassedPeriod>(ofAll, [limit])
          : await client.query<PassedPeriod>(ofSome, [limit, tenantIds]);
      return rows;
    });
  }
}
