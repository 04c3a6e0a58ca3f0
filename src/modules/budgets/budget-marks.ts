import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { BudgetRecord } from './budget-record.js';
import { nothingCounted, standingOf, type StandingBudget } from './budget-standing.js';
import { BudgetsRepository } from './budgets.repository.js';
import type { RefusedBudget } from './refused-budgets.js';

interface MarkedPeriod {
  readonly endsAt: Date | null;
  /** For which soft threshold, in hundredths of a unit, and for which amount it was told; null: for none. */
  readonly warnedFor: bigint | null;
  readonly spentFor: bigint | null;
}

/** A budget in a period in which something of it is to be told. */
export interface PassedBudget {
  readonly budget: StandingBudget;
  readonly startsAt: Date;
  /** The soft threshold is passed, in hundredths of a unit, and nobody was told; null: otherwise. */
  readonly warnedFor: bigint | null;
  /** The same of the amount. */
  readonly spentFor: bigint | null;
}

/** Somebody else has told it meanwhile. */
export class ToldMeanwhileError extends Error {
  override readonly name = 'ToldMeanwhileError';
}

/** Remembers with a period for which amounts something was told of it. */
@Injectable()
export class BudgetMarks {
  constructor(private readonly repository: BudgetsRepository) {}

  /** What is to be told of a budget in a period; undefined when there is nothing, or it is gone. Nothing is locked. */
  async passed(tx: Transaction, tenantId: string, budgetId: string, startsAt: Date): Promise<PassedBudget | undefined> {
    const budget = await this.repository.find(tx, tenantId, budgetId);
    const [marked] = await tx.$queryRaw<MarkedPeriod[]>`
      select ends_at as "endsAt", warned_for as "warnedFor", spent_for as "spentFor" from budget_periods
       where tenant_id = ${tenantId} and budget_id = ${budgetId} and starts_at = ${startsAt}`;
    if (marked === undefined || budget === undefined) return undefined;
    const sums = await this.repository.sums(tx, tenantId, [{ budgetId, startsAt }]);
    const standing = standingOf(budget, sums.get(budgetId) ?? nothingCounted);
    // A budget that has nothing is not used up before something is spent.
    if (standing.spent === 0) return undefined;
    const warnedFor = standing.isSoftReached ? above(softThresholdOf(budget), marked.warnedFor) : null;
    const spentFor = standing.isUsedUp ? above(BigInt(budget.amount), marked.spentFor) : null;
    if (warnedFor === null && spentFor === null) return undefined;
    const period = { startsAtMs: startsAt.getTime(), endsAtMs: marked.endsAt?.getTime() ?? null, ...standing };
    return { budget: { ...budget, period }, startsAt, warnedFor, spentFor };
  }

  /**
   * From now on it was told. All that is counted of the period waits until the transaction ends, so this comes last in it.
   * @throws ToldMeanwhileError, and then nothing of the transaction may be kept.
   */
  async mark(tx: Transaction, tenantId: string, { budget, startsAt, warnedFor, spentFor }: PassedBudget): Promise<void> {
    const marked = await tx.$executeRaw`
      update budget_periods
         set warned_at = case when ${warnedFor}::bigint is null then warned_at else now() end,
             warned_for = coalesce(${warnedFor}::bigint, warned_for),
             spent_at = case when ${spentFor}::bigint is null then spent_at else now() end,
             spent_for = coalesce(${spentFor}::bigint, spent_for)
       where tenant_id = ${tenantId} and budget_id = ${budget.id} and starts_at = ${startsAt}
         and (${warnedFor}::bigint is null or coalesce(warned_for, -1) < ${warnedFor}::bigint)
         and (${spentFor}::bigint is null or coalesce(spent_for, -1) < ${spentFor}::bigint)`;
    if (marked === 0) throw new ToldMeanwhileError('Somebody else has told it.');
  }

  /**
   * The budget that has refused a call, in the period in which it has; undefined where nothing is to be told: all is spent,
   * which is told anyway, or the budget has more by now, or only counts. Nothing is locked.
   */
  async refusing(tx: Transaction, refused: RefusedBudget): Promise<StandingBudget | undefined> {
    const { tenantId, budgetId, startsAtMs, endsAtMs, most } = refused;
    const startsAt = new Date(startsAtMs);
    const budget = await this.repository.find(tx, tenantId, budgetId);
    if (budget === undefined || !budget.hard || budget.amount > most) return undefined;
    const sums = await this.repository.sums(tx, tenantId, [{ budgetId, startsAt }]);
    const standing = standingOf(budget, sums.get(budgetId) ?? nothingCounted);
    const isToldOtherwise = standing.isUsedUp && standing.spent > 0;
    return isToldOtherwise ? undefined : { ...budget, period: { startsAtMs, endsAtMs, ...standing } };
  }

  /** As `mark`, of a refusal. @throws ToldMeanwhileError where it was told before for this amount. */
  async markRefused(
    tx: Transaction,
    { tenantId, startsAtMs, endsAtMs }: RefusedBudget,
    { id, amount }: BudgetRecord,
  ): Promise<void> {
    const endsAt = endsAtMs === null ? null : new Date(endsAtMs);
    const marked = await tx.$executeRaw`
      insert into budget_periods (tenant_id, budget_id, starts_at, ends_at, refused_at, refused_for)
        values (${tenantId}, ${id}, ${new Date(startsAtMs)}, ${endsAt}, now(), ${BigInt(amount)})
      on conflict (tenant_id, budget_id, starts_at) do update set refused_at = excluded.refused_at, refused_for = excluded.refused_for
        where coalesce(budget_periods.refused_for, -1) < excluded.refused_for`;
    if (marked === 0) throw new ToldMeanwhileError('Somebody else has told it.');
  }
}

function softThresholdOf({ amount, softPercent }: BudgetRecord): bigint {
  return BigInt(amount) * BigInt(softPercent ?? 0);
}

/** A threshold for which nothing was told, since it is above the last one. */
function above(threshold: bigint, last: bigint | null): bigint | null {
  return last !== null && threshold <= last ? null : threshold;
}
