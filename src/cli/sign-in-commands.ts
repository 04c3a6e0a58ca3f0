import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { print, remark, type CliContext } from './cli-context.js';
import { usageError } from './cli-error.js';
import { addFieldOptions, checkFields, givenFields } from './field-options.js';
import { addOidcSignIn } from './oidc-commands.js';
import { addCall, addResource, printObject } from './resource-commands.js';

type Flags = Readonly<Record<string, unknown>>;
type SecretRoute =
  'sign-in.password' | 'sign-in.accept' | 'session.password' | 'totp.set-up' | 'totp.remove' | 'recovery-codes.renew';

/** Fields of requests that hold a password: they are asked for, or come from a variable of the environment. */
const secretFields = ['password', 'current_password', 'new_password'] as const;

/**
 * `gt sign-in` and `gt session`: who is signed in. The session is kept for the commands that follow, in a file of the user's own, and
 * `gt session end` signs out.
 */
export function addSignInCommands(program: Command, context: CliContext): void {
  const signIn = program.command('sign-in').description('signing in, as a member of a tenant or an operator');
  addSecret(signIn, context, 'password', 'sign-in.password', { isDefault: true });
  addSecret(signIn, context, 'accept', 'sign-in.accept');
  addCall(signIn, context, 'link', 'sign-in.link');
  addCall(signIn, context, 'operator', 'session.begin');
  addCall(signIn, context, 'show', 'sign-in.get');
  addSecret(signIn, context, 'change-password', 'session.password');
  addOidcSignIn(signIn, context);
  const totp = signIn.command('totp').description('the second factor: codes of an authenticator app');
  addSecret(totp, context, 'create', 'totp.set-up');
  addCall(totp, context, 'confirm', 'totp.confirm', printResult);
  addSecret(totp, context, 'remove', 'totp.remove');
  addSecret(totp, context, 'recovery-codes', 'recovery-codes.renew');
  const session = addResource(program, context, {
    name: 'session',
    plural: 'sessions',
    routes: { list: 'sessions.list', delete: 'sessions.delete' },
    columns: ['name', 'role', 'method', 'address', 'last_seen_at', 'current', 'id'],
  });
  addCall(session, context, 'show', 'session.get');
  addCall(session, context, 'end', 'session.end');
  addCall(session, context, 'end-others', 'session.end-others');
}

/** A command for a route that takes passwords. They stand in no flag: others of the machine can read flags. */
function addSecret(
  group: Command,
  context: CliContext,
  verb: string,
  route: SecretRoute,
  { isDefault = false }: { readonly isDefault?: boolean } = {},
): void {
  const { request, summary } = adminRouteRow(route);
  if (request === undefined) throw new Error(`The row ${route} says nothing of its body.`);
  const { shape } = request as unknown as { shape: Readonly<Record<string, unknown>> };
  const secrets = secretFields.filter((field) => field in shape);
  const command = group.command(verb, { isDefault }).description(summary);
  addFieldOptions(command, request, ['tenant', ...secrets]);
  for (const field of secrets)
    command.option(
      `--${flagOf(field)}-env <name>`,
      `variable of the environment that holds the ${wordsOf(field)}; else it is asked for`,
    );
  command.action(async (flags: Flags) => {
    const body: Record<string, unknown> = givenFields(request, flags);
    const { tenant } = context.flags();
    if ('tenant' in shape && tenant !== undefined) body['tenant'] = tenant;
    for (const field of secrets) body[field] = await secretOf(context, field, flags[camelCaseOf(`${field}_env`)]);
    checkFields(request, body);
    printResult(context, await context.http.call(route, { body }));
  });
}

function printResult(context: CliContext, answer: Record<string, unknown>): void {
  const { object, codes } = answer;
  if (object === 'recovery_codes' && Array.isArray(codes)) {
    print(context, answer, () => `${codes.join('\n')}\n`);
    remark(context, 'The recovery codes are shown this once: keep them now. Each is good once.');
  } else printObject(context, answer);
}

async function secretOf({ io, flags }: CliContext, field: string, variable: unknown): Promise<string> {
  if (typeof variable === 'string') {
    const value = io.env[variable];
    if (value === undefined || value === '') throw usageError(`--${flagOf(field)}-env: the variable ${variable} is not set.`);
    return value;
  }
  if (!io.isInteractive || flags().json === true)
    throw usageError(
      `Give the ${wordsOf(field)} with --${flagOf(field)}-env <name of a variable>; it is asked for only at a terminal.`,
    );
  const { password, isCancel } = await import('@clack/prompts');
  const typed = await password({ message: `The ${wordsOf(field)}` });
  if (isCancel(typed)) throw usageError('Nothing was done.');
  return typed;
}

function flagOf(field: string): string {
  return field.replaceAll('_', '-');
}

function wordsOf(field: string): string {
  return field.replaceAll('_', ' ');
}

function camelCaseOf(field: string): string {
  return field.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
