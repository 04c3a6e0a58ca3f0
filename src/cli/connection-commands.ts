import type { Command } from 'commander';
import { authText } from './connection-auth.js';
import { healthText } from './connection-health.js';
import { addLoginCommands } from './connection-login.js';
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
  columns: ['name', 'base_url', 'wire', 'auth', 'health', 'id'],
  rowOf: (connection) => ({
    ...connection,
    auth: authText(connection['auth']),
    health: healthText(connection['health'], Math.floor(Date.now() / 1000)),
  }),
  lookUp: { field: 'name', id: /^con_/ },
};

/** `gt connection`: with `test` and `models`, which ask the provider. */
export function addConnectionCommands(program: Command, context: CliContext): void {
  const group = addResource(program, context, resource, secretFromEnvironment(context));
  for (const command of group.commands.filter((each) => ['create', 'update'].includes(each.name()))) {
    command.option('--token-env <name>', "variable of the environment that holds the provider's token");
    command.option('--further-tokens-env <name,...>', 'variables of the environment that hold further tokens');
    command.option('--proxy-password-env <name>', 'variable of the environment that holds the password of the proxy');
    command.option('--headers-env <header=name,...>', 'headers, each with the variable of the environment that holds its value');
    command.option('--client-secret-env <name>', 'variable of the environment that holds the client secret of a login');
  }
  addLoginCommands(group, context, resource);
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

/** A secret on the command line would stay in the shell's history: it comes from a variable. */
function secretFromEnvironment({ io }: CliContext): BodyEdit {
  const valueOf = (flag: string, name: string): string => {
    const value = io.env[name];
    if (value === undefined || value === '') throw usageError(`${flag}: the environment variable ${name} is not set.`);
    return value;
  };
  const valuesOf = (flag: string, names: string): string[] => names.split(',').map((name) => valueOf(flag, name.trim()));
  const headersOf = (headers: unknown, variables: string): object => {
    const pairs = variables.split(',').map((pair) => {
      const [header = '', name = ''] = pair.split('=').map((part) => part.trim());
      if (header === '' || name === '') throw usageError('--headers-env takes pairs like x-team=TEAM_HEADER.');
      return [header, valueOf('--headers-env', name)] as const;
    });
    return { ...(typeof headers === 'object' ? headers : {}), ...Object.fromEntries(pairs) };
  };
  const proxyOf = (proxy: unknown, variable: string): object => {
    if (typeof proxy !== 'object' || proxy === null) throw usageError('--proxy-password-env needs --proxy beside it.');
    return { ...proxy, password: valueOf('--proxy-password-env', variable) };
  };
  return (flagged, { tokenEnv, furtherTokensEnv, clientSecretEnv, headersEnv, proxyPasswordEnv }) => {
    const given =
      typeof proxyPasswordEnv === 'string' ? { ...flagged, proxy: proxyOf(flagged['proxy'], proxyPasswordEnv) } : flagged;
    const body = typeof headersEnv === 'string' ? { ...given, headers: headersOf(given['headers'], headersEnv) } : given;
    const auth = typeof body['auth'] === 'object' && body['auth'] !== null ? body['auth'] : {};
    if (typeof clientSecretEnv === 'string')
      return { ...body, auth: { mode: 'oauth', ...auth, client_secret: valueOf('--client-secret-env', clientSecretEnv) } };
    const tokens = {
      ...(typeof tokenEnv === 'string' ? { token: valueOf('--token-env', tokenEnv) } : {}),
      ...(typeof furtherTokensEnv === 'string' ? { further_tokens: valuesOf('--further-tokens-env', furtherTokensEnv) } : {}),
    };
    return Object.keys(tokens).length === 0 ? body : { ...body, auth: { mode: 'header_token', ...auth, ...tokens } };
  };
}
