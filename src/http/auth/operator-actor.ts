import type { FastifyRequest } from 'fastify';
import { AppError } from '../../kernel/app-error.js';
import type { OperatorActor } from '../../catalog/admin/admin-identity.js';
import { authorOf } from './author.js';

/** The operator behind a request to a route of the plane `platform`: its row lets nobody else in. */
export function operatorOf(request: FastifyRequest): OperatorActor {
  if (request.gt.admin?.role !== 'operator') throw new AppError('insufficient_role');
  return authorOf(request);
}
