import type { Command } from 'commander';
import { objectName } from '../contracts/names.js';
import { print, remark, type CliContext } from './cli-context.js';
import { usageError } from './cli-error.js';
import { databaseUrl, withDatabase } from './database-access.js';

/** `gt operator create`: the way to the first token of a platform, straight to the database. */
export function addOperatorCommand(program: Command, context: CliContext): void {
  program
    .command('operator')
    .description('operators of the platform')
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
