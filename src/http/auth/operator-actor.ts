import type { FastifyRequest } from 'fastify';
import { AppError } from '../../kernel/app-error.js';
import type { OperatorActor } from '../../catalog/admin/admin-identity.js';

/** The operator behind a request to a route of the plane `platform`: its row lets nobody else in. */
export function operatorOf(request: FastifyRequest): OperatorActor {
  const { admin, requestId } = request.gt;
  if (admin?.role !== 'operator') throw new AppError('insufficient_role');
  return { name: `${admin.name} (${admin.tokenId})`, requestId };
}
