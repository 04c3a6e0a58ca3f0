import { auditObject, listAuditQuery, listOperatorAuditQuery } from '../../contracts/audit.js';
import { listOf } from '../../contracts/lists.js';
import { statementObject, statementQuery } from '../../contracts/statements.js';
import { adminUsageList, listAdminUsageQuery, usageGroupList, usageGroupsQuery } from '../../contracts/usage.js';
import type { AdminRouteRow } from './admin-route-row.js';

/** What was recorded: calls to providers, and changes. */
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
  'audit.list': {
    method: 'GET',
    path: '/audit',
    role: 'owner',
    plane: 'tenant',
    body: 'none',
    query: listAuditQuery,
    response: listOf(auditObject),
    status: 200,
    summary: 'Lists who changed what in a tenant',
  },
  'operator-audit.list': {
    method: 'GET',
    path: '/operator-audit',
    role: 'operator',
    plane: 'platform',
    body: 'none',
    query: listOperatorAuditQuery,
    response: listOf(auditObject),
    status: 200,
    summary: 'Lists what operators changed outside of all tenants: tenants that were deleted, their own tokens',
  },
} as const satisfies Record<string, AdminRouteRow>;
