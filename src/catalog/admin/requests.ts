import { listOf, tenantQuery } from '../../contracts/lists.js';
import { listRequestsQuery, requestDetails, requestObject } from '../../contracts/requests.js';
import type { AdminRouteRow } from './admin-route-row.js';

/** The request log: every call of a tenant's keys. */
export const requestsAdminRoutes = {
  'requests.list': {
    method: 'GET',
    path: '/requests',
    role: 'viewer',
    plane: 'tenant',
    body: 'none',
    query: listRequestsQuery,
    response: listOf(requestObject),
    status: 200,
    summary: "Lists the calls of a tenant's keys, refusals included",
  },
  'requests.get': {
    method: 'GET',
    path: '/requests/{id}',
    role: 'viewer',
    plane: 'tenant',
    body: 'none',
    query: tenantQuery,
    response: requestDetails,
    status: 200,
    summary: 'Shows a call with its steps and its calls to providers',
  },
} as const satisfies Record<string, AdminRouteRow>;
