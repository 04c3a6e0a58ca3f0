import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { noQuery } from '../contracts/lists.js';
import { adminFileObject } from '../contracts/files.js';
import type { CliContext } from './cli-context.js';
import { datasets } from './dataset-commands.js';
import { addFieldOptions } from './field-options.js';
import {
  addResource,
  addVerb,
  idOf,
  queryOf,
  printList,
  printObject,
  tenantQueryOf,
  type Resource,
} from './resource-commands.js';

const columns = ['created_at', 'filename', 'bytes', 'status', 'progress', 'error', 'id'];

type Flags = Readonly<Record<string, unknown>>;

const files: Resource = { name: 'file', plural: 'files', routes: { delete: 'files.delete' }, columns };

/** `gt file`: how far files have come, those of an import too, what was made of them, and what is to become of them. */
export function addFileCommands(program: Command, context: CliContext): void {
  const group = addResource(program, context, files);
  addFileList(group, context);
  addGet(group, context);
  addPassages(group, context);
  addVerb(group, context, files, 'reprocess', 'files.reprocess');
}

function addGet(group: Command, context: CliContext): void {
  const { query = noQuery, summary } = adminRouteRow('files.get');
  addFieldOptions(group.command('get <file>').description(summary), query).action(async (id: string, flags: Flags) =>
    printObject(context, await context.http.call('files.get', { id, query: queryOf(context, 'files.get', flags) })),
  );
}

function addPassages(group: Command, context: CliContext): void {
  const { query = noQuery, summary } = adminRouteRow('files.passages');
  addFieldOptions(group.command('passages <file>').description(summary), query).action(async (id: string, flags: Flags) => {
    const reply = await context.http.call('files.passages', { id, query: queryOf(context, 'files.passages', flags) });
    printList(context, reply, ['id', 'source', 'tokens', 'text']);
  });
}

function addFileList(group: Command, context: CliContext): void {
  const { query, summary } = adminRouteRow('files.list');
  const command = group.command('list').description(summary);
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
