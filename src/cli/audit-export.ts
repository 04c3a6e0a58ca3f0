import { open, rm, type FileHandle } from 'node:fs/promises';
import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { CliError } from './cli-error.js';
import { print, remark, type CliContext } from './cli-context.js';
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
      await toFile(context, route, asked, output);
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

/** A file that did not come to its end is removed. */
async function toFile(context: CliContext, route: ExportRoute, query: Query, path: string): Promise<void> {
  let file: FileHandle | undefined;
  // Opened with the first piece: a refusal leaves a file of this name alone.
  const onContent = async (piece: Uint8Array): Promise<void> => {
    file ??= await opened(path);
    await file.writeFile(piece);
  };
  try {
    await context.http.call(route, { query, onContent });
    await file?.close();
  } catch (error) {
    await file?.close().catch(() => undefined);
    if (file !== undefined) await rm(path, { force: true });
    throw error;
  }
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'w', 0o600);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new CliError(2, [`${path} cannot be written (${code}).`], { cause });
  }
}
