import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { adminFileObject } from '../contracts/files.js';
import type { CliContext } from './cli-context.js';
import { datasets } from './dataset-commands.js';
import { addFieldOptions } from './field-options.js';
import { idOf, queryOf, printList, tenantQueryOf } from './resource-commands.js';

const columns = ['created_at', 'filename', 'bytes', 'status', 'progress', 'error', 'id'];

/** `gt file list`: how far files have come, those of an import too. */
export function addFileCommands(program: Command, context: CliContext): void {
  const { query, summary } = adminRouteRow('files.list');
  const command = program.command('file').description('files of a tenant').command('list').description(summary);
  if (query !== undefined) addFieldOptions(command, query);
  command.action(async (flags: Record<string, unknown>) => {
    const { dataset } = flags;
    const filters = typeof dataset === 'string' ? { ...flags, dataset: await datasetId(context, dataset) } : flags;
    const reply = await context.http.call('files.list', { query: queryOf(context, 'files.list', filters) });
    printList(context, reply, columns, rowOf);
  });
}

/** The route filters by ids alone, and of an unknown one there are no files: an alias is looked up, or refused. */
async function datasetId(context: CliContext, named: string): Promise<string> {
  const id = await idOf(context, datasets, named);
  if (id === named) await context.http.call('datasets.get', { id, query: tenantQueryOf(context, 'datasets.get') });
  return id;
}

function rowOf(object: Record<string, unknown>): Record<string, unknown> {
  const { progress, error } = adminFileObject.parse(object).gt;
  return { ...object, progress: `${progress.stage} ${progress.percent} %`, error: error?.code };
}
