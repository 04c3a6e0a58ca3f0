import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import type { CliContext } from './cli-context.js';
import { addResource, idOf, printObject, tenantQueryOf, type Resource } from './resource-commands.js';

const datasets: Resource = {
  name: 'dataset',
  plural: 'datasets',
  routes: {
    list: 'datasets.list',
    get: 'datasets.get',
    create: 'datasets.create',
    update: 'datasets.update',
    delete: 'datasets.delete',
  },
  columns: ['alias', 'name', 'embedding', 'chunk_tokens', 'id'],
  lookUp: { field: 'alias', id: /^ds_/ },
};

/** `gt dataset`. */
export function addDatasetCommands(program: Command, context: CliContext): void {
  const group = addResource(program, context, datasets);
  group
    .command('reembed <dataset>')
    .description(adminRouteRow('datasets.reembed').summary)
    .action(async (named: string) => {
      const id = await idOf(context, datasets, named);
      printObject(
        context,
        await context.http.call('datasets.reembed', { id, query: tenantQueryOf(context, 'datasets.reembed'), body: {} }),
      );
    });
}
