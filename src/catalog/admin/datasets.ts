import { createDatasetRequest, datasetObject, listDatasetsQuery, updateDatasetRequest } from '../../contracts/datasets.js';
import { deletedObject, listOf, tenantQuery } from '../../contracts/lists.js';
import type { AdminRouteRow } from './admin-route-row.js';

/** Document collections: their settings. */
export const datasetsAdminRoutes = {
  'datasets.list': {
    method: 'GET',
    path: '/datasets',
    role: 'viewer',
    plane: 'tenant',
    query: listDatasetsQuery,
    response: listOf(datasetObject),
    status: 200,
    summary: 'Lists datasets',
  },
  'datasets.create': {
    method: 'POST',
    path: '/datasets',
    role: 'manager',
    plane: 'tenant',
    query: tenantQuery,
    request: createDatasetRequest,
    response: datasetObject,
    status: 201,
    summary: 'Creates a dataset',
  },
  'datasets.get': {
    method: 'GET',
    path: '/datasets/{id}',
    role: 'viewer',
    plane: 'tenant',
    query: tenantQuery,
    response: datasetObject,
    status: 200,
    summary: 'Shows a dataset',
  },
  'datasets.update': {
    method: 'PATCH',
    path: '/datasets/{id}',
    role: 'manager',
    plane: 'tenant',
    query: tenantQuery,
    request: updateDatasetRequest,
    response: datasetObject,
    status: 200,
    summary: 'Changes a dataset',
  },
  'datasets.delete': {
    method: 'DELETE',
    path: '/datasets/{id}',
    role: 'manager',
    plane: 'tenant',
    query: tenantQuery,
    response: deletedObject,
    status: 200,
    summary: 'Deletes a dataset',
  },
} as const satisfies Record<string, AdminRouteRow>;
