import type { Command } from 'commander';
import type { CliContext } from './cli-context.js';
import { addResource } from './resource-commands.js';

/** `gt preset`: the built-in ones, and a tenant's own. */
export function addPresetCommands(program: Command, context: CliContext): void {
  addResource(program, context, {
    name: 'preset',
    plural: 'presets',
    routes: {
      list: 'presets.list',
      get: 'presets.get',
      create: 'presets.create',
      update: 'presets.update',
      delete: 'presets.delete',
    },
    columns: ['slug', 'name', 'purpose', 'built_in', 'scopes'],
  });
}
