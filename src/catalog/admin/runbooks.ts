import { listOf, tenantQuery } from '../../contracts/lists.js';
import { runbookObject, runbookQuery, runbookSummary } from '../../contracts/runbooks.js';
import type { AdminRouteRow } from './admin-route-row.js';

/** Runbooks for third-party products. They are the same for everybody, and filled in for a tenant. `{id}` is the slug. */
export const runbooksAdminRoutes = {
  'runbooks.list': {
    method: 'GET',
    path: '/runbooks',
    role: 'viewer',
    plane: 'tenant',
    body: 'none',
    query: tenantQuery,
    response: listOf(runbookSummary),
    status: 200,
    summary: 'Lists runbooks',
  },
  'runbooks.get': {
    method: 'GET',
    path: '/runbooks/{id}',
    role: 'viewer',
    plane: 'tenant',
    body: 'none',
    query: runbookQuery,
    response: runbookObject,
    status: 200,
    summary: 'Shows a runbook, filled in for the tenant',
  },
} as const satisfies Record<string, AdminRouteRow>;
