import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { runbookRunObject } from '../contracts/runbook-runs.js';
import { print, type CliContext } from './cli-context.js';
import { addFieldOptions } from './field-options.js';
import { printList, queryOf, tenantQueryOf } from './resource-commands.js';
import { reportText } from './runbook-report.js';
import { fieldLines } from './table.js';

const columns = ['created_at', 'runbook', 'status', 'outcome', 'attempts', 'error', 'id'];

/** `gt runbook runs` and `gt runbook run <run>`: verifications that workers have made. */
export function addRunbookRuns(group: Command, context: CliContext): void {
  const { query, summary } = adminRouteRow('runbook-runs.list');
  const list = group.command('runs').description(summary);
  if (query !== undefined) addFieldOptions(list, query);
  list.action(async (flags: Record<string, unknown>) =>
    printList(
      context,
      await context.http.call('runbook-runs.list', { query: queryOf(context, 'runbook-runs.list', flags) }),
      columns,
    ),
  );
  group
    .command('run <run>')
    .description(adminRouteRow('runbook-runs.get').summary)
    .action(async (id: string) => {
      const reply = await context.http.call('runbook-runs.get', { id, query: tenantQueryOf(context, 'runbook-runs.get') });
      const { verification } = runbookRunObject.parse(reply);
      print(context, reply, () => (verification === null ? fieldLines(reply) : reportText(verification)));
    });
}
