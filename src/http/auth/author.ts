import type { FastifyRequest } from 'fastify';
import type { AdminIdentity, OperatorActor } from '../../catalog/admin/admin-identity.js';
import { AppError } from '../../kernel/app-error.js';

/** Who speaks in a request to the admin plane: its guard has run. */
export function adminOf(request: FastifyRequest): AdminIdentity {
  const { admin } = request.gt;
  if (admin === undefined) throw new AppError('internal_error', { cause: 'an admin handler ran without its guard' });
  return admin;
}

/** What every change that a request makes says of whoever sent it. */
export function authorOf(request: FastifyRequest): OperatorActor {
  const { name, tokenId } = adminOf(request);
  const { requestId, ip } = request.gt;
  return { name: `${name} (${tokenId})`, requestId, address: ip };
}
