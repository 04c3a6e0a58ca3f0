import type { Command } from 'commander';
import { setTimeout as pause } from 'node:timers/promises';
import { connectionLoginObject, type ConnectionLoginObject } from '../contracts/connection-logins.js';
import { print, type CliContext } from './cli-context.js';
import { CliError, usageError } from './cli-error.js';
import { isLoopback, listenForCallback } from './loopback-callback.js';
import { idOf, tenantQueryOf, type Resource } from './resource-commands.js';

interface LoginFlags {
  /** False with --no-listen. */
  readonly listen: boolean;
  readonly attempt?: string;
  readonly callback?: string;
}

/** A login of one connection from the command line. */
interface Asked {
  readonly context: CliContext;
  readonly name: string;
  readonly id: string;
}

const unlimitedMs = 600_000;

/** `gt connection login` and `logout`. */
export function addLoginCommands(group: Command, context: CliContext, resource: Resource): void {
  group
    .command('login <connection>')
    .description('Logs in at the provider of a connection whose auth.mode is oauth')
    .option('--no-listen', 'does not wait for the browser on this machine: paste the address to which it was sent')
    .option('--attempt <name>', 'completes a login that was begun with --no-listen')
    .option('--callback <address>', 'the whole address to which the browser was sent, with --attempt')
    .action(async (name: string, flags: LoginFlags) => {
      const asked = { context, name, id: await idOf(context, resource, name) };
      const done = flags.attempt === undefined ? await login(asked, flags) : await complete(asked, flags.attempt, flags.callback);
      print(context, done, () => (done.status === 'complete' ? `Logged in: ${name}.\n` : 'Not yet.\n'));
    });
  group
    .command('logout <connection>')
    .description("Ends the connection's login and deletes its tokens")
    .action(async (name: string) => {
      const id = await idOf(context, resource, name);
      const done = await context.http.call('connections.logout', { id, query: tenantQueryOf(context, 'connections.logout') });
      print(context, done, () => `Logged out: ${name}.\n`);
    });
}

async function login(asked: Asked, { listen }: LoginFlags): Promise<ConnectionLoginObject> {
  const { context, id } = asked;
  const connection = await context.http.call('connections.get', { id, query: tenantQueryOf(context, 'connections.get') });
  const { grant, redirect_uri: registered } = connection['auth'] as { grant?: string; redirect_uri?: string | null };
  const canListen = registered == null || isLoopback(registered);
  if (grant === 'authorization_code' && listen && canListen) return withBrowser(asked, registered ?? null);
  const begun = await begin(asked);
  if (begun.status === 'complete') return begun;
  return grant === 'device_code' ? withDevice(asked, begun) : withPaste(asked, begun);
}

/** The browser comes back to this machine. */
async function withBrowser(asked: Asked, registered: string | null): Promise<ConnectionLoginObject> {
  const callback = await listenForCallback(registered);
  try {
    const begun = await begin(asked, registered === null ? callback.redirectUri : undefined);
    tell(asked, `Open this address in a browser:\n${begun.authorization_url}`);
    return await complete(asked, attemptOf(begun), await callback.arrived(leftMs(begun)));
  } finally {
    await callback.close();
  }
}

/** The person copies the address from the browser, which finds nothing there. */
async function withPaste(asked: Asked, begun: ConnectionLoginObject): Promise<ConnectionLoginObject> {
  const { context, name } = asked;
  tell(asked, `Open this address in a browser:\n${begun.authorization_url}`);
  const attempt = attemptOf(begun);
  if (!context.io.isInteractive) {
    tell(asked, `Then: gt connection login ${name} --attempt ${attempt} --callback <the address to which the browser was sent>`);
    return begun;
  }
  const { text } = await import('@clack/prompts');
  const pasted = await text({ message: 'The address to which the browser was sent:' });
  if (typeof pasted !== 'string') throw usageError('Nobody has logged in.');
  return complete(asked, attempt, pasted.trim());
}

/** The person types a code on another device. */
async function withDevice(asked: Asked, begun: ConnectionLoginObject): Promise<ConnectionLoginObject> {
  const { user_code: code, verification_uri: address, verification_uri_complete: direct } = begun;
  tell(asked, `Open ${address} and type the code ${code}${direct === null ? '' : `, or open ${direct}`}`);
  let { interval } = begun;
  for (const deadline = performance.now() + leftMs(begun); performance.now() < deadline;) {
    await pause((interval ?? 5) * 1000);
    const asNow = await complete(asked, attemptOf(begun), undefined);
    if (asNow.status === 'complete') return asNow;
    interval = asNow.interval ?? interval;
  }
  throw new CliError(1, ['The code has expired. Begin again.']);
}

async function begin({ context, id }: Asked, redirectUri?: string): Promise<ConnectionLoginObject> {
  const body = redirectUri === undefined ? {} : { redirect_uri: redirectUri };
  const query = tenantQueryOf(context, 'connections.login');
  return connectionLoginObject.parse(await context.http.call('connections.login', { id, query, body }));
}

async function complete({ context, id }: Asked, attempt: string, callback: string | undefined): Promise<ConnectionLoginObject> {
  const body = { attempt, ...(callback === undefined ? {} : { callback_url: callback }) };
  const query = tenantQueryOf(context, 'connections.login.complete');
  return connectionLoginObject.parse(await context.http.call('connections.login.complete', { id, query, body }));
}

/** What the person needs is told beside the result, also with --json. */
function tell({ context }: Asked, text: string): void {
  context.io.err(`${text}\n`);
}

function attemptOf({ attempt }: ConnectionLoginObject): string {
  if (attempt === null) throw new CliError(1, ['The platform began no login.']);
  return attempt;
}

function leftMs({ expires_at: end }: ConnectionLoginObject): number {
  return end === null ? unlimitedMs : Math.max(0, end * 1000 - Date.now());
}
