import type { Command } from 'commander';
import type { CliContext } from './cli-context.js';
import { addCall, addResource, addVerb, type Resource } from './resource-commands.js';

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
  // What a member does by a link, signed in by `gt sign-in`.
  addCall(group, context, 'show-link', 'approval-links.show');
  addCall(group, context, 'decide', 'approval-links.decide');
}
