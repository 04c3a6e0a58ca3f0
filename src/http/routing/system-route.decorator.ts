import { applyDecorators, Get, Post, SetMetadata } from '@nestjs/common';
import { systemRoute, type SystemRouteId } from '../../catalog/system-routes.js';
import { gtRouteKey } from './gt-route.decorator.js';

/** Puts a handler on one of the system's own paths. They need no key; `/metrics` checks its own token. */
export function SystemRoute(id: SystemRouteId): MethodDecorator {
  const { path, method } = systemRoute(id);
  return applyDecorators(method === 'POST' ? Post(path) : Get(path), SetMetadata(gtRouteKey, `system ${id}`));
}
