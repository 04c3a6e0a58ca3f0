import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { print, remark, type CliContext } from './cli-context.js';
import { toFile } from './answer-file.js';
import { addFieldOptions } from './field-options.js';
import { queryOf } from './resource-commands.js';

type ExportRoute = 'audit.export' | 'operator-audit.export';

/** `export` of a group: the whole audit to a file or to standard output, as it comes. */
export function addAuditExport(group: Command, context: CliContext, route: ExportRoute): void {
  const { query, summary } = adminRouteRow(route);
  const command = group.command('export').description(summary);
  if (query !== undefined) addFieldOptions(command, query);
  command
    .option('-o, --output <file>', 'where to write it; else standard output')
    .action(async ({ output }: { readonly output?: string }) => {
      // `gt operator audit` takes the same filters, and commander gives it those that stand behind its subcommand.
      const flags = command.optsWithGlobals<Record<string, unknown>>();
      const asked = { format: 'json', ...queryOf(context, route, flags) };
      if (output === undefined) return toStandardOutput(context, route, asked);
      await toFile(context, route, { query: asked }, output);
      print(context, { object: 'audit.export', file: output }, () => '');
      remark(context, `Wrote ${output}.`);
    });
}

type Query = Readonly<Record<string, string | undefined>>;

async function toStandardOutput(context: CliContext, route: ExportRoute, query: Query): Promise<void> {
  const decoder = new TextDecoder();
  const onContent = (piece: Uint8Array): Promise<void> => {
    context.io.out(decoder.decode(piece, { stream: true }));
    return Promise.resolve();
  };
  await context.http.call(route, { query, onContent });
}
