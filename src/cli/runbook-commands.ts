import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { print, type CliContext } from './cli-context.js';
import { usageError } from './cli-error.js';
import { printList, tenantQueryOf } from './resource-commands.js';
import { runbookOf } from './runbook-call.js';
import { addRunbookKey } from './runbook-key.js';
import { addRunbookRuns } from './runbook-runs.js';
import { addRunbookVerify } from './runbook-verify.js';

const columns = ['id', 'name', 'category', 'compatibility', 'preset', 'base_url'];

/** `gt runbook`: how third-party products are connected, filled in with what the tenant has. */
export function addRunbookCommands(program: Command, context: CliContext): void {
  const group = program.command('runbook').description('runbooks for third-party products');
  group
    .command('list')
    .description(adminRouteRow('runbooks.list').summary)
    .action(async () =>
      printList(context, await context.http.call('runbooks.list', { query: tenantQueryOf(context, 'runbooks.list') }), columns),
    );
  group
    .command('show <product>')
    .description(adminRouteRow('runbooks.get').summary)
    .option('--format <text>', 'text or markdown', 'text')
    .action(async (product: string, { format }: { readonly format: string }) => {
      if (format !== 'text' && format !== 'markdown') throw usageError('--format is text or markdown.');
      const runbook = await runbookOf(context, product);
      print(context, runbook, () => runbook[format]);
    });
  addRunbookKey(group, context);
  addRunbookVerify(group, context);
  addRunbookRuns(group, context);
}
