import { Injectable } from '@nestjs/common';
import type { BudgetStateObject } from '../../contracts/budget-report.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { budgetObjectOf } from './budget-object.js';
import type { StandingBudget } from './budget-standing.js';
import { BudgetsRepository } from './budgets.repository.js';
import { RunningPeriods } from './running-periods.js';

/** A key whose calls are counted. */
export interface CountedKey {
  readonly tenant: { readonly id: string; readonly slug: string };
  readonly key: { readonly id: string };
  /** The keys that it links: it calls on their account too. */
  readonly linkedKeyIds: readonly string[];
}

/** Tells which budgets count the calls of a key: what is set, read from the database. */
@Injectable()
export class CountingBudgets {
  constructor(
    private readonly repository: BudgetsRepository,
    private readonly periods: RunningPeriods,
  ) {}

  /** Those of the key, of the keys that it links, of these published names and of the tenant, in this order, and how they stand. */
  async of(tx: Transaction, caller: CountedKey, endpoints: readonly string[]): Promise<BudgetStateObject[]> {
    const { tenant, key, linkedKeyIds } = caller;
    const budgets = await this.repository.counting(tx, tenant.id, { keyIds: [key.id, ...linkedKeyIds], endpoints });
    const states = (await this.periods.of(tx, tenant.id, budgets)).map((budget) => budgetStateOf(budget, caller));
    return states.toSorted(
      (a, b) => owners.indexOf(a.of) - owners.indexOf(b.of) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
    );
  }
}

const owners: readonly BudgetStateObject['of'][] = ['key', 'linked_key', 'endpoint', 'tenant'];

function budgetStateOf(budget: StandingBudget, caller: CountedKey): BudgetStateObject {
  const { id, window, currency, amount, soft_percent, hard, unpriced, period } = budgetObjectOf(budget);
  const { spent, reserved, left, ends_at } = period;
  return {
    id,
    ...ownerOf(budget, caller),
    window,
    currency,
    amount,
    soft_percent,
    hard,
    unpriced,
    spent,
    reserved,
    left,
    ends_at,
  };
}

function ownerOf({ key, endpoint }: StandingBudget, caller: CountedKey): Pick<BudgetStateObject, 'of' | 'name'> {
  if (key !== null) return { of: key.id === caller.key.id ? 'key' : 'linked_key', name: key.name };
  return endpoint === null ? { of: 'tenant', name: caller.tenant.slug } : { of: 'endpoint', name: endpoint };
}
