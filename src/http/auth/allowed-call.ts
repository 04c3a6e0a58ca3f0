import type { FastifyRequest } from 'fastify';
import type { AllowedCall } from '../../modules/open-streams/open-streams.js';
import { identityOf } from './identity.js';

/** A request as the guard has allowed it, for whoever watches over it while it lasts. */
export function allowedCall(request: FastifyRequest): AllowedCall {
  const { gt, routeOptions } = request;
  const { gtRoute: routeId } = routeOptions.config;
  if (routeId === undefined) throw new Error('What the guard allows stands on a row of the route table.');
  return { identity: identityOf(request), routeId, ip: gt.ip, startedAt: gt.startedAt };
}
