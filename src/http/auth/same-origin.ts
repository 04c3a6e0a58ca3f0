import type { FastifyRequest } from 'fastify';
import { AppError } from '../../kernel/app-error.js';
import { calledOrigin, publicOrigin } from '../routing/public-origin.js';

type PublicAddress = Parameters<typeof calledOrigin>[1];

/**
 * Why a request must not use the session of the browser that it comes from: it was not made by a page of this platform. The cookie's
 * `SameSite=Strict` keeps other sites out; this keeps out neighbours of the same site too. A browser says where a request comes from by
 * `Sec-Fetch-Site`, older ones by `Origin` alone. What changes something must say so; what only reads may come from a person's own hand.
 */
export function crossSiteRefusal(request: FastifyRequest, config: PublicAddress): AppError | undefined {
  const { origin, 'sec-fetch-site': site } = request.headers;
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (site !== undefined) return site === 'same-origin' || (isRead && site === 'none') ? undefined : refusal();
  if (origin === undefined) return isRead ? undefined : refusal();
  return origin === calledOrigin(request, config) || origin === publicOrigin(request, config) ? undefined : refusal();
}

function refusal(): AppError {
  return new AppError('cross_site_request', {
    message:
      'This request does not say that it comes from a page of this platform. Without a browser, send an Origin header with the address of the platform, or use a gtad_ token.',
  });
}
