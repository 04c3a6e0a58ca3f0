import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import type { CliContext } from './cli-context.js';
import { printList } from './resource-commands.js';

/** `gt provider`: what `gt connection create --provider` can name. */
export function addProviderCommands(program: Command, context: CliContext): void {
  program
    .command('provider')
    .description('providers that a new connection can name')
    .command('list')
    .description(adminRouteRow('providers.list').summary)
    .action(async () =>
      printList(context, await context.http.call('providers.list'), ['id', 'title', 'address', 'wire', 'token'], rowOf),
    );
}

/** Where each customer has an address of its own, the example is shown. */
function rowOf({ base_url: url, base_url_example: example, auth, ...listed }: Record<string, unknown>): Record<string, unknown> {
  return { ...listed, address: url ?? example, token: (auth as { header?: string }).header ?? 'none' };
}
