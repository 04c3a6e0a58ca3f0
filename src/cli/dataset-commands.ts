import type { Command } from 'commander';
import type { CliContext } from './cli-context.js';
import { addSearch, addUpload } from './dataset-files.js';
import { importArchive } from './dataset-import.js';
import { addResource, addVerb, idOf, type Resource } from './resource-commands.js';

export const datasets: Resource = {
  name: 'dataset',
  plural: 'datasets',
  routes: {
    list: 'datasets.list',
    get: 'datasets.get',
    create: 'datasets.create',
    update: 'datasets.update',
    delete: 'datasets.delete',
  },
  columns: ['alias', 'name', 'embedding', 'chunk_tokens', 'recall', 'id'],
  lookUp: { field: 'alias', id: /^ds_/ },
};

/** `gt dataset`: with `reembed`, `upload`, `import` and `search`. */
export function addDatasetCommands(program: Command, context: CliContext): void {
  const group = addResource(program, context, datasets);
  addVerb(group, context, datasets, 'reembed', 'datasets.reembed');
  addUpload(group, context, datasets);
  addSearch(group, context, datasets);
  group
    .command('import <dataset>')
    .description('Fills a dataset from a ZIP archive and says of each refused entry why')
    .requiredOption('-f, --file <zip>', 'the archive')
    .action(async (named: string, { file }: { readonly file: string }) =>
      importArchive(context, await idOf(context, datasets, named), file),
    );
}
