import { createEndpointRequest, endpointObject, listEndpointsQuery, updateEndpointRequest } from '../../contracts/endpoints.js';
import { deletedObject, listOf, tenantQuery } from '../../contracts/lists.js';
import type { AdminRouteRow } from './admin-route-row.js';

/** Published names. `{id}` may be the name. */
export const endpointsAdminRoutes = {
  'endpoints.list': {
    method: 'GET',
    path: '/endpoints',
    role: 'viewer',
    plane: 'tenant',
    body: 'none',
    query: listEndpointsQuery,
    response: listOf(endpointObject),
    status: 200,
    summary: 'Lists endpoints',
  },
  'endpoints.create': {
    method: 'POST',
    path: '/endpoints',
    role: 'manager',
    plane: 'tenant',
    body: 'json',
    query: tenantQuery,
    request: createEndpointRequest,
    response: endpointObject,
    status: 201,
    summary: 'Creates an endpoint',
  },
  'endpoints.get': {
    method: 'GET',
    path: '/endpoints/{id}',
    role: 'viewer',
    plane: 'tenant',
    body: 'none',
    query: tenantQuery,
    response: endpointObject,
    status: 200,
    summary: 'Shows an endpoint',
  },
  'endpoints.update': {
    method: 'PATCH',
    path: '/endpoints/{id}',
    role: 'manager',
    plane: 'tenant',
    body: 'json',
    query: tenantQuery,
    request: updateEndpointRequest,
    response: endpointObject,
    status: 200,
    summary: 'Changes an endpoint',
  },
  'endpoints.delete': {
    method: 'DELETE',
    path: '/endpoints/{id}',
    role: 'manager',
    plane: 'tenant',
    body: 'none',
    query: tenantQuery,
    response: deletedObject,
    status: 200,
    summary: 'Deletes an endpoint',
  },
} as const satisfies Record<string, AdminRouteRow>;
