import type { Command } from 'commander';
import type { CliContext } from './cli-context.js';
import { addResource } from './resource-commands.js';

/** `gt dataset`. */
export function addDatasetCommands(program: Command, context: CliContext): void {
  addResource(program, context, {
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
  });
}
