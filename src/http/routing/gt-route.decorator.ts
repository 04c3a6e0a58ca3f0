import { applyDecorators, Delete, Get, HttpCode, Patch, Post, SetMetadata } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { adminRouteRow, type AdminRouteId } from '../../catalog/admin-routes.js';
import { routeRow, type RouteId } from '../../catalog/routes.js';

export const gtRouteKey = 'gt:route';

const verbs = { GET: Get, POST: Post, PATCH: Patch, DELETE: Delete } as const;

export const tenantBase = '/api/tenant/v1';
export const adminBase = '/api/admin/v1';

/** A table path in the router's form: `{id}` becomes `:id`; a model's name may hold slashes and so takes the rest. */
function routerPath(path: string): string {
  return path.replace(/\{model\}$/, '*').replace(/\{([a-z_]+)\}/g, ':$1');
}

/** Where a row of the data plane stands, for the router. */
export function routePlace(id: RouteId): { readonly method: keyof typeof verbs; readonly url: string } {
  const { method, path } = routeRow(id);
  return { method, url: tenantBase + routerPath(path) };
}

/** Puts a handler on its row of the route table: method, path and permission all come from there. */
export function GtRoute(id: RouteId): MethodDecorator {
  const { method, url } = routePlace(id);
  return applyDecorators(
    verbs[method](url),
    HttpCode(200),
    RouteConfig({ gtRoute: id }),
    SetMetadata(gtRouteKey, `tenant ${id}`),
  );
}

/** The same for a row of the admin plane. */
export function AdminRoute(id: AdminRouteId): MethodDecorator {
  const row = adminRouteRow(id);
  return applyDecorators(
    verbs[row.method](adminBase + routerPath(row.path)),
    HttpCode(row.status),
    RouteConfig({ gtAdminRoute: id }),
    SetMetadata(gtRouteKey, `admin ${id}`),
  );
}
