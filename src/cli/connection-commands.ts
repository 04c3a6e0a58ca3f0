import type { Command } from 'commander';
import { print, type CliContext } from './cli-context.js';
import { usageError } from './cli-error.js';
import { addResource, idOf, printList, tenantQueryOf, type BodyEdit, type Resource } from './resource-commands.js';
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
  columns: ['name', 'base_url', 'wire', 'auth', 'id'],
  lookUp: { field: 'name', id: /^con_/ },
};

/** `gt connection`: with `test` and `models`, which ask the provider. */
export function addConnectionCommands(program: Command, context: CliContext): void {
  const group = addResource(program, context, resource, tokenFromEnvironment(context));
  for (const command of group.commands.filter((each) => ['create', 'update'].includes(each.name()))) {
    command.option('--token-env <name>', "variable of the environment that holds the provider's token");
  }
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

/** A token on the command line would stay in the shell's history: it comes from a variable. */
function tokenFromEnvironment({ io }: CliContext): BodyEdit {
  return (body, flags) => {
    const name = flags['tokenEnv'];
    if (typeof name !== 'string') return body;
    const token = io.env[name];
    if (token === undefined || token === '') throw usageError(`--token-env: the environment variable ${name} is not set.`);
    const auth = typeof body['auth'] === 'object' && body['auth'] !== null ? body['auth'] : {};
    return { ...body, auth: { mode: 'header_token', ...auth, token } };
  };
}
