import { Injectable } from '@nestjs/common';
import { budgetName } from '../../contracts/budgets.js';
import { budgetNotices } from '../../contracts/notices.js';
import { AppError } from '../../kernel/app-error.js';
import { BudgetsService } from '../budgets/budgets.service.js';
import { budgetForm, type BudgetEntry } from './file-forms.js';
import { each, type Section, type TenantRun } from './tenant-run.js';

/** The section of budgets. It comes last: they are of keys and endpoints that the file makes. */
@Injectable()
export class BudgetSection {
  constructor(private readonly service: BudgetsService) {}

  /** A file that says nothing of budgets leaves them as they are, prune or not: other files may be about them. */
  budgets(run: TenantRun): Section {
    const { tx, actor, entry, state } = run;
    const refusePruned = prunedSubjects(run);
    return run.section({
      section: 'budgets',
      kind: 'budget',
      entries: entry.budgets ?? [],
      stored: entry.budgets === undefined ? [] : state.budgets,
      nameOf: budgetName,
      formOf: budgetForm,
      create: each(async (budget) => {
        refusePruned(budget);
        const { id } = await this.service.createIn(tx, actor, budget);
        return { id, notices: budgetNotices(budget, budget) };
      }),
      keep: each(async ({ entry: budget, changes, stored }) => {
        refusePruned(budget);
        if (Object.keys(changes).length === 0) return { changed: false };
        const { amount, soft_percent, hard, unpriced } = changes;
        await this.service.updateIn(tx, actor, stored.id, { amount, soft_percent, hard, unpriced });
        return { changed: true, notices: budgetNotices(budget, budget) };
      }),
      remove: each(({ id }) => this.service.deleteIn(tx, actor, id)),
    });
  }
}

/** With prune, a key or endpoint that the file does not name is about to go, and its budget with it. */
function prunedSubjects({ prune, entry }: TenantRun): (budget: BudgetEntry) => void {
  const names = {
    key: new Set(entry.keys.map(({ name }) => name)),
    endpoint: new Set(entry.endpoints.map(({ name }) => name)),
  };
  return (budget) => {
    for (const kind of ['key', 'endpoint'] as const) {
      const name = budget[kind];
      if (!prune || name === undefined || names[kind].has(name)) continue;
      const message = `The file has no ${kind} "${name}", and prune deletes what the file has not.`;
      throw new AppError('invalid_value', { param: kind, message });
    }
  };
}
