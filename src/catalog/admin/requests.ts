import { listOf, tenantQuery } from '../../contracts/lists.js';
import {
  listRequestsQuery,
  requestBodies,
  requestDetails,
  requestObject,
  skippedRequests,
  tailRequestsQuery,
} from '../../contracts/requests.js';
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
  'requests.tail': {
    method: 'GET',
    path: '/requests/tail',
    role: 'viewer',
    plane: 'tenant',
    body: 'none',
    query: tailRequestsQuery,
    events: { request: requestObject, 'requests.skipped': skippedRequests },
    errors: ['rate_limit_exceeded'],
    status: 200,
    summary: 'Tells calls in server-sent events as they are logged, until the client leaves',
  },
  'requests.bodies': {
    method: 'GET',
    path: '/requests/{id}/bodies',
    role: 'manager',
    plane: 'tenant',
    body: 'none',
    query: tenantQuery,
    response: requestBodies,
    status: 200,
    summary: 'Shows the bodies of a call, where its tenant keeps them; never to operators',
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
