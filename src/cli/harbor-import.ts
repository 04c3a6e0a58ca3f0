import type { Command } from 'commander';
import { createConnectionRequest } from '../contracts/connections.js';
import { fieldFaults } from '../contracts/field-faults.js';
import {
  namesSecret,
  portMembers,
  portMembersOfConnection,
  publishedPort,
  type PublishedPort,
} from '../contracts/harbor-import.js';
import { objectName } from '../contracts/names.js';
import { providers } from '../contracts/providers.js';
import { connectionWires } from '../contracts/wires.js';
import { addSecretFlags, secretsFromVariables } from './connection-secret-flags.js';
import { remark, type CliContext } from './cli-context.js';
import { usageError } from './cli-error.js';
import { checkFields } from './field-options.js';
import { printObject, tenantQueryOf } from './resource-commands.js';
import { printable } from './table.js';
import { readYamlFile } from './yaml-file.js';

/** `gt connection import-harbor`: a connection of the published form of a port of Harbor. Its secret never comes from the file. */
export function addHarborImport(group: Command, context: CliContext): void {
  const command = group
    .command('import-harbor <file>')
    .description('Creates a connection of the published form of a port of Harbor, in JSON or YAML')
    .option('--name <text>', "the name of the connection (else the port's label)")
    .option(
      '--wire <text>',
      `what the provider speaks: ${connectionWires.join(', ')} (else that of the known provider, else openai)`,
    );
  addSecretFlags(command);
  const withSecrets = secretsFromVariables(context);
  command.action(async (file: string, flags: Readonly<Record<string, unknown>>) => {
    const { port, readOver } = readPort(file);
    const body = withSecrets(connectionOf(file, port, flags), flags);
    const { mode, token } = body['auth'] as { readonly mode: string; readonly token?: string };
    if (mode === 'header_token' && token === undefined)
      throw usageError('--token-env is missing: name the variable of the environment that holds the secret of the port.');
    checkFields(createConnectionRequest, body);
    const query = tenantQueryOf(context, 'connections.create');
    printObject(context, await context.http.call('connections.create', { query, body }));
    if (readOver.length > 0) remark(context, `A connection has no place for ${readOver.join(', ')}.`);
  });
}

/** @throws CliError naming each member of the file that a connection cannot say, and never what it holds. */
function readPort(file: string): { readonly port: PublishedPort; readonly readOver: readonly string[] } {
  const members = portMembers(readYamlFile(file));
  const secret = [...members].find(([name]) => !Object.hasOwn(publishedPort.shape, name) && namesSecret(name));
  if (secret !== undefined)
    throw usageError(
      `${file}: ${printable(secret[1].written)}: a port holds no secret. Take it out of the file, and name the variable that holds it with --token-env.`,
    );
  const given = Object.fromEntries([...members].map(([name, { value }]) => [name, value]));
  const { success, data, error } = publishedPort.safeParse(given, { reportInput: true });
  if (!success) throw faultsOf(file, error, members);
  const readOver = [...members].filter(([name]) => !portMembersOfConnection.includes(name));
  return { port: data, readOver: readOver.map(([, { written }]) => printable(written)) };
}

function faultsOf(file: string, error: Parameters<typeof fieldFaults>[0], members: ReturnType<typeof portMembers>) {
  const [first = 'It is no port of Harbor.', ...rest] = fieldFaults(error).map(({ path, message }) => {
    const [name = '', ...further] = path.split('.');
    const why = message === 'is not known here' ? 'is nothing that a connection can say' : message;
    return `${[printable(members.get(name)?.written ?? name), ...further].join('.')} ${why}.`;
  });
  return usageError(`${file}: ${first}`, ...rest.map((line) => `${file}: ${line}`));
}

function connectionOf(file: string, port: PublishedPort, flags: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { baseUrl, authMode, authHeaderName: header, authTokenPrefix: prefix } = port;
  const address = baseUrl.replace(/\/+$/, '');
  const known = Object.entries(providers).find(([, { address: place }]) => 'url' in place && place.url === address);
  const place = { ...(header === undefined ? {} : { header }), ...(prefix === undefined ? {} : { prefix }) };
  return {
    ...(known === undefined ? {} : { provider: known[0] }),
    name: typeof flags['name'] === 'string' ? flags['name'] : nameOf(file, port),
    base_url: address,
    ...(typeof flags['wire'] === 'string' ? { wire: flags['wire'] } : {}),
    auth: authMode === 'none' ? { mode: 'none' } : { mode: 'header_token', ...place },
  };
}

function nameOf(file: string, { label, product }: PublishedPort): string {
  const { success, data, error } = objectName.safeParse(label ?? product);
  if (success) return data;
  const why = label === undefined && product === undefined ? 'is missing' : (error.issues[0]?.message ?? 'is no name');
  throw usageError(`${file}: ${label === undefined && product !== undefined ? 'product' : 'label'} ${why}. Give --name.`);
}
