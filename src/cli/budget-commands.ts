import type { Command } from 'commander';
import type { CliContext } from './cli-context.js';
import { CliError } from './cli-error.js';
import { addResource, type Resource } from './resource-commands.js';

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
  rowOf: ({ key, endpoint, currency, period, ...budget }) => ({
    ...budget,
    ...(period as object),
    of: key ?? endpoint,
    unit: currency ?? 'tokens',
  }),
};

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
