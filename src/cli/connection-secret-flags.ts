import type { Command } from 'commander';
import type { CliContext } from './cli-context.js';
import { usageError } from './cli-error.js';
import type { BodyEdit } from './resource-commands.js';

/** Flags that name variables of the environment: a secret on the command line would stay in the shell's history. */
export function addSecretFlags(command: Command): void {
  command.option('--token-env <name>', "variable of the environment that holds the provider's token");
  command.option('--further-tokens-env <name,...>', 'variables of the environment that hold further tokens');
  command.option('--proxy-password-env <name>', 'variable of the environment that holds the password of the proxy');
  command.option('--headers-env <header=name,...>', 'headers, each with the variable of the environment that holds its value');
  command.option('--client-secret-env <name>', 'variable of the environment that holds the client secret of a login');
}

/** Puts the values of the named variables into a body. */
export function secretsFromVariables({ io }: CliContext): BodyEdit {
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
