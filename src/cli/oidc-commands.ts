import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { confirmed, print, remark, type CliContext } from './cli-context.js';
import { usageError } from './cli-error.js';
import { addFieldOptions, checkFields, givenFields } from './field-options.js';
import { printObject, tenantQueryOf } from './resource-commands.js';

type Flags = Readonly<Record<string, unknown>>;

/** `gt oidc`: the tenant's own sign-in. Its client secret comes from a variable of the environment. */
export function addOidcCommands(program: Command, context: CliContext): void {
  const group = program.command('oidc').description("a tenant's own sign-in with OpenID Connect");
  group
    .command('get')
    .description(adminRouteRow('oidc.get').summary)
    .action(async () => {
      printObject(context, await context.http.call('oidc.get', { query: tenantQueryOf(context, 'oidc.get') }));
    });
  const { request, summary } = adminRouteRow('oidc.set');
  if (request === undefined) throw new Error('The row oidc.set says nothing of its body.');
  addFieldOptions(group.command('set').description(summary), request, ['client_secret'])
    .option('--client-secret-env <name>', 'variable of the environment that holds the client secret')
    .action(async (flags: Flags) => {
      const variable = flags['clientSecretEnv'];
      const secret = typeof variable === 'string' ? { client_secret: valueOf(context, variable) } : {};
      const body = { ...givenFields(request, flags), ...secret };
      checkFields(request, body);
      printObject(context, await context.http.call('oidc.set', { query: tenantQueryOf(context, 'oidc.set'), body }));
    });
  group
    .command('delete')
    .description(adminRouteRow('oidc.delete').summary)
    .action(async () => {
      if (!(await confirmed(context, "End the tenant's own sign-in?"))) throw usageError('Nothing was deleted.');
      const deleted = await context.http.call('oidc.delete', { query: tenantQueryOf(context, 'oidc.delete') });
      print(context, deleted, () => `Deleted ${String(deleted['id'])}.\n`);
    });
}

/** `gt sign-in oidc`: the browser goes to the tenant's sign-in; the address to which it comes back is pasted. */
export function addOidcSignIn(signIn: Command, context: CliContext): void {
  signIn
    .command('oidc')
    .description(adminRouteRow('sign-in.oidc').summary)
    .option('--link <link>', 'a link of a member who has not come in this way before')
    .action(async ({ link }: { readonly link?: string }) => {
      if (!context.io.isInteractive) throw usageError('"gt sign-in oidc" needs a terminal: the way goes through a browser.');
      const { tenant } = context.flags();
      const body = { ...(tenant === undefined ? {} : { tenant }), ...(link === undefined ? {} : { link }) };
      const begun = await context.http.call('sign-in.oidc', { body });
      remark(context, `Open this address in a browser and sign in:\n\n${String(begun['authorization_url'])}\n`);
      const { text, isCancel } = await import('@clack/prompts');
      const callback = await text({ message: 'The whole address to which the browser was sent then' });
      if (isCancel(callback)) throw usageError('Nobody was signed in.');
      printObject(context, await context.http.call('sign-in.oidc-complete', { body: { callback_url: callback } }));
    });
}

function valueOf({ io }: CliContext, variable: string): string {
  const value = io.env[variable];
  if (value === undefined || value === '') throw usageError(`--client-secret-env: the variable ${variable} is not set.`);
  return value;
}
