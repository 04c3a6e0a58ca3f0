import type { Command } from 'commander';
import type { CliContext } from './cli-context.js';
import { addResource } from './resource-commands.js';

/** `gt endpoint`: the published names. */
export function addEndpointCommands(program: Command, context: CliContext): void {
  addResource(program, context, {
    name: 'endpoint',
    plural: 'endpoints',
    routes: {
      list: 'endpoints.list',
      get: 'endpoints.get',
      create: 'endpoints.create',
      update: 'endpoints.update',
      delete: 'endpoints.delete',
    },
    columns: ['name', 'kind', 'default', 'agent', 'revision', 'raw_model', 'modalities', 'id'],
  });
}
