import { applyDecorators, Get, SetMetadata } from '@nestjs/common';
import { gtRouteKey } from './gt-route.decorator.js';

/** The routes that belong to no plane (contract section 2). */
export const systemPaths = {
  healthz: '/healthz',
  readyz: '/readyz',
  metrics: '/metrics',
  openapi: '/openapi.json',
  docs: '/docs',
  tenantIndex: '/api/tenant/v1',
} as const;

/** Puts a handler on one of the system's own paths. They need no key; `/metrics` checks its own token. */
export function SystemRoute(name: keyof typeof systemPaths): MethodDecorator {
  return applyDecorators(Get(systemPaths[name]), SetMetadata(gtRouteKey, `system ${name}`));
}
