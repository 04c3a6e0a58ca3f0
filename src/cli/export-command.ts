import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { exportObject } from '../contracts/platform-file.js';
import { CliError } from './cli-error.js';
import { print, remark, type CliContext } from './cli-context.js';

const heading = `# Made by "gt export". Secrets are left out: on this platform "gt apply" keeps the stored ones; on another one, add
# token_env: NAME (and further_tokens_env: [NAME, ...]) to each auth of the mode header_token, client_secret_env: NAME to one of
# the mode oauth that has a client secret, headers_env: {header: NAME} in place of headers, username and password_env: NAME to a
# proxy that wants them, and log in. Keys get new secrets there.
`;

/** `gt export`: the file that makes what is there, without secrets. */
export function addExportCommand(program: Command, context: CliContext): void {
  program
    .command('export')
    .description('writes what is there as a file for "gt apply", without secrets; --tenant takes one tenant alone')
    .option('-o, --output <file>', 'where to write it; else standard output')
    .action(async ({ output }: { readonly output?: string }) => {
      const reply = await context.http.call('platform-file.export', { query: { tenant: context.flags().tenant } });
      const file = exportObject.parse(reply);
      const { tenants } = file;
      const text = (): string => heading + stringify(file, { lineWidth: 0 });
      if (output === undefined) {
        print(context, file, text);
        return;
      }
      write(output, text());
      print(context, { object: 'export', file: output, tenants: tenants.map(({ slug }) => slug) }, () => '');
      remark(context, `Wrote ${output}: ${tenants.length === 1 ? 'one tenant' : `${tenants.length} tenants`}.`);
    });
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new CliError(2, [`${path} cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}).`], {
      cause: error,
    });
  }
}
