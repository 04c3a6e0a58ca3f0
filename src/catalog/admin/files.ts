import { adminFileObject, listAdminFilesQuery, queueList } from '../../contracts/files.js';
import { listOf, noQuery } from '../../contracts/lists.js';
import type { AdminRouteRow } from './admin-route-row.js';

/** Files of tenants, and the work that waits for the workers. */
export const filesAdminRoutes = {
  'files.list': {
    method: 'GET',
    path: '/files',
    role: 'viewer',
    plane: 'tenant',
    body: 'none',
    query: listAdminFilesQuery,
    response: listOf(adminFileObject),
    status: 200,
    summary: 'Lists the files of a tenant',
  },
  'jobs.list': {
    method: 'GET',
    path: '/jobs',
    role: 'operator',
    plane: 'platform',
    body: 'none',
    query: noQuery,
    response: queueList,
    status: 200,
    summary: 'Shows how much work waits for the workers of the platform, and for how long',
  },
} as const satisfies Record<string, AdminRouteRow>;
