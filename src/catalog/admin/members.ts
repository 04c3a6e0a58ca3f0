import { createMemberRequest, listMembersQuery, memberObject, updateMemberRequest } from '../../contracts/members.js';
import { deletedObject, listOf, tenantQuery } from '../../contracts/lists.js';
import type { AdminRouteRow } from './admin-route-row.js';

/** The people of a tenant. */
export const membersAdminRoutes = {
  'members.list': {
    method: 'GET',
    path: '/members',
    role: 'viewer',
    plane: 'tenant',
    body: 'none',
    query: listMembersQuery,
    response: listOf(memberObject),
    status: 200,
    summary: 'Lists members',
  },
  'members.create': {
    method: 'POST',
    path: '/members',
    role: 'owner',
    plane: 'tenant',
    body: 'json',
    query: tenantQuery,
    request: createMemberRequest,
    response: memberObject,
    status: 201,
    summary: 'Creates a member',
  },
  'members.get': {
    method: 'GET',
    path: '/members/{id}',
    role: 'viewer',
    plane: 'tenant',
    body: 'none',
    query: tenantQuery,
    response: memberObject,
    status: 200,
    summary: 'Shows a member',
  },
  'members.update': {
    method: 'PATCH',
    path: '/members/{id}',
    role: 'owner',
    plane: 'tenant',
    body: 'json',
    query: tenantQuery,
    request: updateMemberRequest,
    response: memberObject,
    status: 200,
    summary: 'Changes a member',
  },
  'members.delete': {
    method: 'DELETE',
    path: '/members/{id}',
    role: 'owner',
    plane: 'tenant',
    body: 'none',
    query: tenantQuery,
    response: deletedObject,
    status: 200,
    summary: 'Removes a member and its tokens',
  },
} as const satisfies Record<string, AdminRouteRow>;
