import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { objectName } from '../contracts/names.js';
import { addOperatorAuditCommands, auditColumns } from './audit-commands.js';
import { confirmed, print, remark, type CliContext } from './cli-context.js';
import { usageError } from './cli-error.js';
import { databaseUrl, withDatabase } from './database-access.js';
import { addFieldOptions } from './field-options.js';
import { addResource, idOf, queryOf, printList, printObject, type Resource } from './resource-commands.js';

const operators: Resource = {
  name: 'operator',
  plural: "operators' tokens",
  routes: { list: 'operator-tokens.list' },
  columns: ['name', 'state', 'last_four', 'last_used_at', 'id'],
};

/** `gt operator`: its tokens and what was done with them, over the admin plane; `create` makes one in the database. */
export function addOperatorCommands(program: Command, context: CliContext): void {
  const group = addResource(program, context, operators).description('operators of the platform');
  addCreate(group, context);
  addRevoke(group, context);
  const { query, summary } = adminRouteRow('operator-audit.list');
  const audit = group.command('audit').description(summary);
  if (query !== undefined) addFieldOptions(audit, query);
  audit.action(async (flags: Record<string, unknown>) => {
    const reply = await context.http.call('operator-audit.list', { query: queryOf(context, 'operator-audit.list', flags) });
    printList(context, reply, auditColumns);
  });
  addOperatorAuditCommands(audit, context);
}

function addRevoke(group: Command, context: CliContext): void {
  group
    .command('revoke <token-id>')
    .description(adminRouteRow('operator-tokens.revoke').summary)
    .action(async (named: string) => {
      const id = await idOf(context, operators, named);
      if (!(await confirmed(context, `Revoke the operator's token ${id} for good?`))) throw usageError('Nothing was revoked.');
      printObject(context, await context.http.call('operator-tokens.revoke', { id }));
    });
}

/** The way to the first token of a platform, straight to the database. */
function addCreate(group: Command, context: CliContext): void {
  group
    .command('create')
    .description("makes an operator's token in the database (DATABASE_URL) and shows it this once")
    .requiredOption('--name <text>', 'who or what uses it')
    .action(async ({ name }: { readonly name: string }) => {
      const checked = objectName.safeParse(name);
      if (!checked.success) throw usageError(`--name ${checked.error.issues[0]?.message ?? 'is not valid'}.`);
      const url = databaseUrl(context.io.env);
      const { createOperatorToken } = await import('../modules/members/bootstrap.js');
      const secret = await withDatabase(() => createOperatorToken(url, name));
      print(context, { object: 'operator_token', name, secret }, () => `${secret}\n`);
      remark(context, 'The token is shown this once: keep it now. Use it as GT_ADMIN_TOKEN.');
    });
}
