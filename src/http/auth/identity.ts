import type { FastifyRequest } from 'fastify';
import { AppError } from '../../kernel/app-error.js';
import type { Identity } from '../../modules/keys/key-facts.js';

/** The key and tenant that the guard of the data plane has found. */
export function identityOf(request: FastifyRequest): Identity {
  const { identity } = request.gt;
  if (identity === undefined)
    throw new AppError('internal_error', { cause: 'a handler of the data plane ran without its guard' });
  return identity;
}
