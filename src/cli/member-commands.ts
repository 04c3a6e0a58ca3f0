import type { Command } from 'commander';
import type { CliContext } from './cli-context.js';
import { addResource, addVerb, type Resource } from './resource-commands.js';

const tokens: Resource = {
  name: 'admin-token',
  plural: 'admin tokens',
  routes: { list: 'admin-tokens.list', get: 'admin-tokens.get', create: 'admin-tokens.create', delete: 'admin-tokens.delete' },
  columns: ['name', 'role', 'state', 'member', 'expires_at', 'last_four', 'id'],
  lookUp: { field: 'name', id: /^adt_/ },
};

const members: Resource = {
  name: 'member',
  plural: 'members',
  routes: {
    list: 'members.list',
    get: 'members.get',
    create: 'members.create',
    update: 'members.update',
    delete: 'members.delete',
  },
  columns: ['email', 'name', 'role', 'state', 'id'],
  lookUp: { field: 'email', id: /^mem_/ },
};

/** `gt member` and `gt admin-token`: who may do what on the admin plane of a tenant. */
export function addMemberCommands(program: Command, context: CliContext): void {
  const people = addResource(program, context, members);
  addVerb(people, context, members, 'invite', 'members.invite');
  addVerb(people, context, members, 'recover', 'members.recover');
  addVerb(people, context, members, 'sign-out', 'members.sign-out');
  const group = addResource(program, context, tokens);
  addVerb(group, context, tokens, 'revoke', 'admin-tokens.revoke');
}
