import { listOf, tenantQuery } from '../../contracts/lists.js';
import { listRunbookRunsQuery, runbookRunObject, runbookRunSummary, verifyRunbookRequest } from '../../contracts/runbook-runs.js';
import { runbookObject, runbookQuery, runbookSummary } from '../../contracts/runbooks.js';
import type { AdminRouteRow } from './admin-route-row.js';

/** Runbooks for third-party products. They are the same for everybody, and filled in for a tenant. `{id}` is the slug; a run has an id of its own. */
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
  'runbooks.verify': {
    method: 'POST',
    path: '/runbooks/{id}/verify',
    role: 'manager',
    plane: 'tenant',
    body: 'json',
    query: tenantQuery,
    request: verifyRunbookRequest,
    response: runbookRunObject,
    status: 202,
    summary: 'Has a worker verify a runbook against this installation',
  },
  'runbook-runs.list': {
    method: 'GET',
    path: '/runbook-runs',
    role: 'viewer',
    plane: 'tenant',
    body: 'none',
    query: listRunbookRunsQuery,
    response: listOf(runbookRunSummary),
    status: 200,
    summary: 'Lists verifications of runbooks by workers',
  },
  'runbook-runs.get': {
    method: 'GET',
    path: '/runbook-runs/{id}',
    role: 'viewer',
    plane: 'tenant',
    body: 'none',
    query: tenantQuery,
    response: runbookRunObject,
    status: 200,
    summary: 'Shows a verification of a runbook, with the steps that are over',
  },
} as const satisfies Record<string, AdminRouteRow>;
