import type { Command } from 'commander';
import type { CliContext } from './cli-context.js';
import { addErase } from './erase-commands.js';
import { addTenantExport } from './tenant-export-command.js';
import { addResource } from './resource-commands.js';

/** `gt tenant`: operators make and end tenants; everybody sees and owners change the own one. */
export function addTenantCommands(program: Command, context: CliContext): void {
  const group = addResource(program, context, {
    name: 'tenant',
    plural: 'tenants',
    routes: {
      list: 'tenants.list',
      get: 'tenants.get',
      create: 'tenants.create',
      update: 'tenants.update',
      delete: 'tenants.delete',
    },
    columns: ['slug', 'name', 'state', 'api_enabled', 'hosts', 'id'],
  }).description('tenants of the platform');
  addTenantExport(group, context);
  addErase(group, context);
}
