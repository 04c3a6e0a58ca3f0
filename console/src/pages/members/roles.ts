import type { Item } from '../../api/call.js';

export type Role = Item<'members.list'>['role'];

/** What a member of each role may do. */
export const memberRoles: Readonly<Record<Role, string>> = {
  viewer: 'Reads everything but the audit, and changes nothing.',
  manager: 'Looks after keys, agents, connections and datasets.',
  owner: 'Does everything in the tenant, members and audit too.',
};
