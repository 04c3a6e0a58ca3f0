import type { Command } from 'commander';
import type { CliContext } from './cli-context.js';
import { CliError } from './cli-error.js';
import { inUnits } from './money.js';
import { addResource, type Resource } from './resource-commands.js';

/** What is counted of a budget in a period. */
export const countFields = ['spent', 'assumed', 'reserved', 'left'];

const budgets: Resource = {
  name: 'budget',
  plural: 'budgets',
  routes: {
    list: 'budgets.list',
    get: 'budgets.get',
    create: 'budgets.create',
    update: 'budgets.update',
    delete: 'budgets.delete',
  },
  columns: ['subject', 'of', 'window', 'amount', 'spent', 'reserved', 'left', 'unit', 'ends_at', 'id'],
  shownOf: shownBudget,
  rowOf: (budget) => {
    const { key_name: key, endpoint, currency, period, ...shown } = shownBudget(budget);
    return { ...shown, ...(period as object), of: key ?? endpoint, unit: currency ?? 'tokens' };
  },
};

/** Its amounts in units of its currency. */
function shownBudget(budget: Record<string, unknown>): Record<string, unknown> {
  const { currency, period } = budget;
  const counts = inUnits(period as object as Record<string, unknown>, countFields, currency);
  return { ...inUnits(budget, ['amount']), period: counts };
}

/** `gt budget`: what the calls of a tenant, a key or an endpoint may take. Budgets go by their ids. */
export function addBudgetCommands(program: Command, context: CliContext): void {
  const group = addResource(program, context, budgets, (body, { tokens }) => {
    if (tokens !== true) return body;
    if (body['currency'] !== undefined) throw new CliError(1, ['--tokens counts tokens and --currency money: give one of them.']);
    return { ...body, currency: null };
  });
  const create = group.commands.find((command) => command.name() === 'create');
  create?.option('--tokens', 'counts tokens in place of charges');
}
