import type { Command } from 'commander';
import type { CliContext } from './cli-context.js';
import { addResource } from './resource-commands.js';

/** What a table shows of a change. */
export const auditColumns = [
  'created_at',
  'actor',
  'actor_role',
  'action',
  'kind',
  'object_id',
  'before',
  'changes',
  'sealed',
] as const;

/** `gt audit list`: who changed what in a tenant. What belongs to no tenant is in `gt operator audit`. */
export function addAuditCommands(program: Command, context: CliContext): void {
  addResource(program, context, {
    name: 'audit',
    plural: 'changes',
    routes: { list: 'audit.list' },
    columns: auditColumns,
  });
}
