import { deletedObject, listOf, noQuery } from '../../contracts/lists.js';
import { createTenantRequest, listTenantsQuery, tenantObject, updateTenantRequest } from '../../contracts/tenants.js';
import type { AdminRouteRow } from './admin-route-row.js';

/** Tenants. `{id}` is an id or a slug; a member reaches the own tenant alone. */
export const tenantsAdminRoutes = {
  'tenants.list': {
    method: 'GET',
    path: '/tenants',
    role: 'operator',
    plane: 'platform',
    body: 'none',
    query: listTenantsQuery,
    response: listOf(tenantObject),
    status: 200,
    summary: 'Lists tenants',
  },
  'tenants.create': {
    method: 'POST',
    path: '/tenants',
    role: 'operator',
    plane: 'platform',
    body: 'json',
    request: createTenantRequest,
    response: tenantObject,
    status: 201,
    summary: 'Creates a tenant',
  },
  'tenants.get': {
    method: 'GET',
    path: '/tenants/{id}',
    role: 'viewer',
    plane: 'tenant',
    body: 'none',
    query: noQuery,
    response: tenantObject,
    status: 200,
    summary: 'Shows a tenant',
  },
  'tenants.update': {
    method: 'PATCH',
    path: '/tenants/{id}',
    role: 'owner',
    plane: 'tenant',
    body: 'json',
    query: noQuery,
    request: updateTenantRequest,
    response: tenantObject,
    status: 200,
    summary: 'Changes a tenant; state and hosts are for operators',
  },
  'tenants.delete': {
    method: 'DELETE',
    path: '/tenants/{id}',
    role: 'operator',
    plane: 'platform',
    body: 'none',
    query: noQuery,
    response: deletedObject,
    status: 200,
    summary: 'Deletes a tenant and all it owns',
  },
} as const satisfies Record<string, AdminRouteRow>;
