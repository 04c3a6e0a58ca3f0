import { tenantQuery } from '../../contracts/lists.js';
import { applyEvents, applyObject, applyRequest, exportObject } from '../../contracts/platform-file.js';
import type { AdminRouteRow } from './admin-route-row.js';

/**
 * Configuration as code (contract section 8). Operators apply to all tenants and create them; an owner applies to the
 * own one. Both routes belong to the whole platform: the file, and not the request, names the tenants.
 */
export const platformFileAdminRoutes = {
  'platform-file.apply': {
    method: 'POST',
    path: '/apply',
    role: 'owner',
    plane: 'platform',
    body: 'json',
    request: applyRequest,
    response: applyObject,
    events: applyEvents,
    status: 200,
    summary: 'Makes tenants match a file',
  },
  'platform-file.export': {
    method: 'GET',
    path: '/export',
    role: 'viewer',
    plane: 'platform',
    body: 'none',
    query: tenantQuery,
    response: exportObject,
    status: 200,
    summary: 'Shows tenants as a file, without secrets',
  },
} as const satisfies Record<string, AdminRouteRow>;
