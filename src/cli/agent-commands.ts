import type { Command } from 'commander';
import { print, type CliContext } from './cli-context.js';
import { addFieldOptions, checkFields, givenFields } from './field-options.js';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { publishAgentRequest } from '../contracts/agents.js';
import { addResource, queryOf, printList, tenantQueryOf } from './resource-commands.js';
import { cellText } from './table.js';

/** `gt agent`: with `publish` and `revisions`. */
export function addAgentCommands(program: Command, context: CliContext): void {
  const group = addResource(program, context, {
    name: 'agent',
    plural: 'agents',
    routes: { list: 'agents.list', get: 'agents.get', create: 'agents.create', update: 'agents.update', delete: 'agents.delete' },
    columns: ['name', 'published_revision', 'description', 'id'],
  });
  addFieldOptions(
    group.command('publish <agent>').description('Makes a revision of the draft and brings its endpoints there'),
    publishAgentRequest,
  ).action(async (id: string, flags: Record<string, unknown>) => {
    const body = givenFields(publishAgentRequest, flags);
    checkFields(publishAgentRequest, body);
    const revision = await context.http.call('agents.publish', { id, query: tenantQueryOf(context, 'agents.publish'), body });
    print(context, revision, () => `Published ${cellText('', id)} as revision ${cellText('', revision['number'])}.\n`);
  });
  const revisions = group.command('revisions <agent>').description("Lists an agent's revisions");
  const { query } = adminRouteRow('agents.revisions');
  if (query !== undefined) addFieldOptions(revisions, query);
  revisions.action(async (id: string, flags: Record<string, unknown>) => {
    const reply = await context.http.call('agents.revisions', { id, query: queryOf(context, 'agents.revisions', flags) });
    printList(context, reply, ['number', 'created_at', 'created_by', 'id']);
  });
}
