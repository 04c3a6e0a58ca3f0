import type { Command } from 'commander';
import { basename } from 'node:path';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { passageList } from '../contracts/datasets.js';
import { print, remark, type CliContext } from './cli-context.js';
import { addFieldOptions, checkFields, givenFields } from './field-options.js';
import { fileForm } from './file-form.js';
import { startProgress } from './progress.js';
import { idOf, printObject, tenantQueryOf, type Resource } from './resource-commands.js';
import { table } from './table.js';

/** `gt dataset upload`: one file. */
export function addUpload(group: Command, context: CliContext, datasets: Resource): void {
  group
    .command('upload <dataset>')
    .description(adminRouteRow('datasets.upload').summary)
    .requiredOption('-f, --file <path>', 'the file')
    .action(async (named: string, { file: path }: { readonly file: string }) => {
      const id = await idOf(context, datasets, named);
      const form = await fileForm(path);
      const progress = await startProgress(context, `sending ${basename(path)}`);
      let isSent = false;
      try {
        const query = tenantQueryOf(context, 'datasets.upload');
        const file = await context.http.call('datasets.upload', { id, query, form });
        isSent = true;
        progress.stop('done');
        printObject(context, file);
        remark(context, `How far it has come: gt file get ${String(file['id'])} --wait 30`);
      } finally {
        if (!isSent) progress.stop('stopped');
      }
    });
}

/** `gt dataset search`: the passages that a question finds, the best first. */
export function addSearch(group: Command, context: CliContext, datasets: Resource): void {
  const { request, summary } = adminRouteRow('datasets.search');
  const command = group.command('search <dataset>').description(summary);
  if (request !== undefined) addFieldOptions(command, request);
  command.action(async (named: string, flags: Readonly<Record<string, unknown>>) => {
    const body = request === undefined ? {} : givenFields(request, flags);
    if (request !== undefined) checkFields(request, body);
    const id = await idOf(context, datasets, named);
    const found = await context.http.call('datasets.search', { id, query: tenantQueryOf(context, 'datasets.search'), body });
    const { data } = passageList.parse(found);
    print(context, found, () => (data.length === 0 ? '' : table(['score', 'filename', 'source', 'text'], data)));
    if (data.length === 0) remark(context, 'Nothing was found.');
  });
}
