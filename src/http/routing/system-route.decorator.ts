import { applyDecorators, Get, Post, SetMetadata } from '@nestjs/common';
import { systemRoute, type SystemRouteId } from '../../catalog/system-routes.js';
import { gtRouteKey } from './gt-route.decorator.js';

/** Puts a handler on one of the system's own paths. They need no key; `/metrics` checks its own token. */
export function SystemRoute(id: SystemRouteId): MethodDecorator {
  const { path, method, isTree } = systemRoute(id);
  const paths = isTree === true ? [path, `${path}/*`] : path;
  return applyDecorators(method === 'POST' ? Post(paths) : Get(paths), SetMetadata(gtRouteKey, `system ${id}`));
}
