import { statementObject, statementQuery } from '../../contracts/statements.js';
import { adminUsageList, listAdminUsageQuery, usageGroupList, usageGroupsQuery } from '../../contracts/usage.js';
import type { AdminRouteRow } from './admin-route-row.js';

/** What was recorded of calls to providers. */
export const recordsAdminRoutes = {
  'usage.list': {
    method: 'GET',
    path: '/usage',
    role: 'viewer',
    plane: 'tenant',
    body: 'none',
    query: listAdminUsageQuery,
    response: adminUsageList,
    status: 200,
    summary: "Lists a tenant's calls to providers, with their sums",
  },
  'usage.groups': {
    method: 'GET',
    path: '/usage/groups',
    role: 'viewer',
    plane: 'tenant',
    body: 'none',
    query: usageGroupsQuery,
    response: usageGroupList,
    status: 200,
    summary: "Sums a tenant's calls by day, hour, key, endpoint, route or state",
  },
  'statements.get': {
    method: 'GET',
    path: '/statements',
    role: 'viewer',
    plane: 'tenant',
    body: 'none',
    query: statementQuery,
    response: statementObject,
    status: 200,
    summary: 'Shows what a tenant used and is charged in a month',
  },
} as const satisfies Record<string, AdminRouteRow>;
