import { deletedObject, listOf, tenantQuery } from '../../contracts/lists.js';
import { createPresetRequest, listPresetsQuery, presetObject, updatePresetRequest } from '../../contracts/presets.js';
import type { AdminRouteRow } from './admin-route-row.js';

/** Presets, the built-in ones among them. `{id}` may be the slug. */
export const presetsAdminRoutes = {
  'presets.list': {
    method: 'GET',
    path: '/presets',
    role: 'viewer',
    plane: 'tenant',
    body: 'none',
    query: listPresetsQuery,
    response: listOf(presetObject),
    status: 200,
    summary: 'Lists presets',
  },
  'presets.create': {
    method: 'POST',
    path: '/presets',
    role: 'manager',
    plane: 'tenant',
    body: 'json',
    query: tenantQuery,
    request: createPresetRequest,
    response: presetObject,
    status: 201,
    summary: 'Creates a preset',
  },
  'presets.get': {
    method: 'GET',
    path: '/presets/{id}',
    role: 'viewer',
    plane: 'tenant',
    body: 'none',
    query: tenantQuery,
    response: presetObject,
    status: 200,
    summary: 'Shows a preset',
  },
  'presets.update': {
    method: 'PATCH',
    path: '/presets/{id}',
    role: 'manager',
    plane: 'tenant',
    body: 'json',
    query: tenantQuery,
    request: updatePresetRequest,
    response: presetObject,
    status: 200,
    summary: 'Changes a preset',
  },
  'presets.delete': {
    method: 'DELETE',
    path: '/presets/{id}',
    role: 'manager',
    plane: 'tenant',
    body: 'none',
    query: tenantQuery,
    response: deletedObject,
    status: 200,
    summary: 'Deletes a preset',
  },
} as const satisfies Record<string, AdminRouteRow>;
