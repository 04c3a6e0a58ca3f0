import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { limitReport } from '../contracts/limit-report.js';
import { print, type CliContext } from './cli-context.js';
import { tenantQueryOf } from './resource-commands.js';
import { table } from './table.js';

/** `gt limits`: what is left of the limits of a key. */
export function addLimitCommands(program: Command, context: CliContext): void {
  const group = program.command('limits').description('Limits of calls and uploads');
  group
    .command('show <key>')
    .description(adminRouteRow('keys.limits').summary)
    .action(async (id: string) => {
      const reply = await context.http.call('keys.limits', { id, query: tenantQueryOf(context, 'keys.limits') });
      const { data } = limitReport.parse(reply);
      print(context, reply, () =>
        data.length === 0
          ? 'No limit of calls or uploads holds for this key. Budgets are told by gt budget list.\n'
          : table(
              ['limit', 'of', 'name', 'most', 'left', 'full in'],
              data.map(({ limit, of, name, most, left, full_in_seconds: seconds }) => ({
                limit,
                of: of.replace('_', ' '),
                name,
                most: String(most),
                left: String(left),
                'full in': seconds === null ? '' : `${Number(seconds.toFixed(1))} s`,
              })),
            ),
      );
    });
}
