import type { FastifyRequest } from 'fastify';
import type { SignInCall } from '../../modules/sign-in/session-starts.js';

/** From where somebody signs in. */
export function signInCallOf(request: FastifyRequest): SignInCall {
  const { ip, requestId } = request.gt;
  return { address: ip, userAgent: request.headers['user-agent'] ?? '', requestId };
}
