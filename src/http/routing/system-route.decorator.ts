import { applyDecorators, Get, SetMetadata } from '@nestjs/common';
import { systemRoutes, type SystemRouteId } from '../../catalog/system-routes.js';
import { gtRouteKey } from './gt-route.decorator.js';

/** Puts a handler on one of the system's own paths. They need no key; `/metrics` checks its own token. */
export function SystemRoute(id: SystemRouteId): MethodDecorator {
  return applyDecorators(Get(systemRoutes[id].path), SetMetadata(gtRouteKey, `system ${id}`));
}
