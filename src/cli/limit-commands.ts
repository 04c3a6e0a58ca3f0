import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import type { BudgetStateObject } from '../contracts/budget-report.js';
import { limitReport, type LimitStateObject } from '../contracts/limit-report.js';
import { countFields } from './budget-commands.js';
import { print, type CliContext } from './cli-context.js';
import { inUnits } from './money.js';
import { tenantQueryOf } from './resource-commands.js';
import { table } from './table.js';

/** `gt limits`: what is left of the limits of a key, and of the budgets that count its calls. */
export function addLimitCommands(program: Command, context: CliContext): void {
  const group = program.command('limits').description('Limits of calls and uploads');
  group
    .command('show <key>')
    .description(adminRouteRow('keys.limits').summary)
    .action(async (id: string) => {
      const reply = await context.http.call('keys.limits', { id, query: tenantQueryOf(context, 'keys.limits') });
      const { data, budgets } = limitReport.parse(reply);
      print(context, reply, () => [limitTable(data), ...(budgets.length === 0 ? [] : [budgetTable(budgets)])].join('\n'));
    });
}

function limitTable(limits: readonly LimitStateObject[]): string {
  if (limits.length === 0) return 'No limit of calls or uploads holds for this key.\n';
  return table(
    ['limit', 'of', 'name', 'most', 'left', 'full in'],
    limits.map(({ limit, of, name, most, left, full_in_seconds: seconds }) => ({
      limit,
      of: of.replace('_', ' '),
      name,
      most: String(most),
      left: String(left),
      'full in': seconds === null ? '' : `${Number(seconds.toFixed(1))} s`,
    })),
  );
}

function budgetTable(budgets: readonly BudgetStateObject[]): string {
  return table(
    ['of', 'name', 'window', 'amount', 'spent', 'reserved', 'left', 'unit', 'ends_at', 'id'],
    budgets.map(({ of, ...budget }) => ({
      ...inUnits(budget, ['amount', ...countFields]),
      of: of.replace('_', ' '),
      unit: budget.currency ?? 'tokens',
    })),
  );
}
