import { deletedObject, tenantQuery } from '../../contracts/lists.js';
import { oidcObject, setOidcRequest } from '../../contracts/oidc.js';
import type { AdminRouteRow } from './admin-route-row.js';

/** A tenant's own sign-in. */
export const oidcAdminRoutes = {
  'oidc.get': {
    method: 'GET',
    path: '/oidc',
    role: 'viewer',
    plane: 'tenant',
    body: 'none',
    query: tenantQuery,
    response: oidcObject,
    status: 200,
    summary: "Shows the settings of the tenant's own sign-in; 404 where there is none",
  },
  'oidc.set': {
    method: 'POST',
    path: '/oidc',
    role: 'owner',
    plane: 'tenant',
    body: 'json',
    query: tenantQuery,
    request: setOidcRequest,
    response: oidcObject,
    errors: ['upstream_error', 'upstream_unavailable'],
    status: 200,
    summary: "Sets the tenant's own sign-in, once its issuer has answered",
  },
  'oidc.delete': {
    method: 'DELETE',
    path: '/oidc',
    role: 'owner',
    plane: 'tenant',
    body: 'none',
    query: tenantQuery,
    response: deletedObject,
    status: 200,
    summary: "Ends the tenant's own sign-in; members keep their passwords",
  },
} as const satisfies Record<string, AdminRouteRow>;
