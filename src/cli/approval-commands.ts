import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import type { CliContext } from './cli-context.js';
import { addFieldOptions, checkFields, givenFields } from './field-options.js';
import { addResource, addVerb, printObject, type Resource } from './resource-commands.js';

const approvals: Resource = {
  name: 'approval',
  plural: 'approvals',
  routes: { list: 'approvals.list', get: 'approvals.get' },
  columns: ['created_at', 'status', 'key', 'route', 'model', 'body_bytes', 'expires_at', 'decided_by', 'id'],
};

/** `gt approval`: calls that are held until somebody approves them, with approve and reject. They go by their ids. */
export function addApprovalCommands(program: Command, context: CliContext): void {
  const group = addResource(program, context, approvals);
  addVerb(group, context, approvals, 'approve', 'approvals.approve');
  addVerb(group, context, approvals, 'reject', 'approvals.reject');
  addVerb(group, context, approvals, 'link', 'approvals.link');
  addByLink(group, context, 'show-link', 'approval-links.show');
  addByLink(group, context, 'decide', 'approval-links.decide');
}

/** What a member does by a link, signed in by `gt sign-in`. */
function addByLink(
  group: Command,
  context: CliContext,
  verb: string,
  route: 'approval-links.show' | 'approval-links.decide',
): void {
  const { request, summary } = adminRouteRow(route);
  if (request === undefined) throw new Error(`The row ${route} says nothing of its body.`);
  addFieldOptions(group.command(verb).description(summary), request).action(async (flags: Readonly<Record<string, unknown>>) => {
    const body = givenFields(request, flags);
    checkFields(request, body);
    printObject(context, await context.http.call(route, { body }));
  });
}
