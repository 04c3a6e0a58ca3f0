import {
  approveCallRequest,
  heldCallObject,
  listApprovalsQuery,
  rejectCallRequest,
  shownHeldCallObject,
} from '../../contracts/approvals.js';
import { listOf, tenantQuery } from '../../contracts/lists.js';
import type { AdminRouteRow } from './admin-route-row.js';

/** Held calls: owners and managers see what would run, and decide. */
export const approvalsAdminRoutes = {
  'approvals.list': {
    method: 'GET',
    path: '/approvals',
    role: 'viewer',
    plane: 'tenant',
    body: 'none',
    query: listApprovalsQuery,
    response: listOf(heldCallObject),
    status: 200,
    summary: 'Lists held calls and what became of them',
  },
  'approvals.get': {
    method: 'GET',
    path: '/approvals/{id}',
    role: 'manager',
    plane: 'tenant',
    body: 'none',
    query: tenantQuery,
    response: shownHeldCallObject,
    status: 200,
    summary: 'Shows a held call with what would run',
  },
  'approvals.approve': {
    method: 'POST',
    path: '/approvals/{id}/approve',
    role: 'manager',
    plane: 'tenant',
    body: 'json',
    query: tenantQuery,
    request: approveCallRequest,
    response: heldCallObject,
    status: 200,
    summary: 'Approves a held call, which runs at once and only once',
  },
  'approvals.reject': {
    method: 'POST',
    path: '/approvals/{id}/reject',
    role: 'manager',
    plane: 'tenant',
    body: 'json',
    query: tenantQuery,
    request: rejectCallRequest,
    response: heldCallObject,
    status: 200,
    summary: 'Rejects a held call, which never runs',
  },
} as const satisfies Record<string, AdminRouteRow>;
