import { auditVerificationObject } from '../../contracts/audit-verification.js';
import { auditObject, listAuditQuery, listOperatorAuditQuery } from '../../contracts/audit.js';
import { listOf, noQuery, tenantQuery } from '../../contracts/lists.js';
import type { AdminRouteRow } from './admin-route-row.js';

/** Who changed what. Nobody writes it here, and a verification reads all of it, so it is not for everybody. */
export const auditAdminRoutes = {
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
  'audit.verify': {
    method: 'GET',
    path: '/audit/verify',
    role: 'owner',
    plane: 'tenant',
    body: 'none',
    query: tenantQuery,
    response: auditVerificationObject,
    errors: ['overloaded'],
    status: 200,
    summary: "Proves that a tenant's audit is as it was sealed",
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
  'operator-audit.verify': {
    method: 'GET',
    path: '/operator-audit/verify',
    role: 'operator',
    plane: 'platform',
    body: 'none',
    query: noQuery,
    response: auditVerificationObject,
    errors: ['overloaded'],
    status: 200,
    summary: "Proves that the operators' audit is as it was sealed",
  },
} as const satisfies Record<string, AdminRouteRow>;
