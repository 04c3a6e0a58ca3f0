import type { Command } from 'commander';
import { authText } from './connection-auth.js';
import { healthText } from './connection-health.js';
import { addLoginCommands } from './connection-login.js';
import { addSecretFlags, secretsFromVariables } from './connection-secret-flags.js';
import { addHarborImport } from './harbor-import.js';
import { print, type CliContext } from './cli-context.js';
import { addResource, idOf, printList, tenantQueryOf, type Resource } from './resource-commands.js';
import { cellText, fieldLines } from './table.js';

const resource: Resource = {
  name: 'connection',
  plural: 'connections',
  routes: {
    list: 'connections.list',
    get: 'connections.get',
    create: 'connections.create',
    update: 'connections.update',
    delete: 'connections.delete',
  },
  columns: ['name', 'base_url', 'wire', 'auth', 'health', 'id'],
  rowOf: (connection) => ({
    ...connection,
    auth: authText(connection['auth']),
    health: healthText(connection['health'], Math.floor(Date.now() / 1000)),
  }),
  lookUp: { field: 'name', id: /^con_/ },
};

/** `gt connection`: with `test` and `models`, which ask the provider, and `import-harbor`. */
export function addConnectionCommands(program: Command, context: CliContext): void {
  const group = addResource(program, context, resource, secretsFromVariables(context));
  for (const command of group.commands.filter((each) => ['create', 'update'].includes(each.name()))) {
    addSecretFlags(command);
  }
  addLoginCommands(group, context, resource);
  addHarborImport(group, context);
  group
    .command('test <connection>')
    .description('Asks the provider for its models and says how it went')
    .action(async (named: string) => {
      const result = await context.http.call('connections.test', await call(context, named));
      print(context, result, () => fieldLines({ ...result, error: errorText(result['error']) }));
      if (result['ok'] !== true) context.exitCode = 1;
    });
  group
    .command('models <connection>')
    .description("Lists the models of the connection's provider")
    .action(async (named: string) => {
      printList(context, await context.http.call('connections.models', await call(context, named)), ['id']);
    });
}

async function call(context: CliContext, named: string) {
  return { id: await idOf(context, resource, named), query: tenantQueryOf(context, 'connections.get') };
}

function errorText(error: unknown): string {
  return typeof error === 'object' && error !== null ? cellText('', (error as { message?: unknown }).message) : '-';
}
