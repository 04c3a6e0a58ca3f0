import type { FastifyRequest } from 'fastify';
import { AppError } from '../../kernel/app-error.js';
import { publicOrigin } from './public-origin.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** GT_PUBLIC_URL: what clients call this platform, where that differs from what they wrote into Host. */
    gtPublicUrl: string | undefined;
  }
}

/** What an unknown route answers, a switched-off one too (contract sections 2 and 3). The root names the reference as well. */
export function unknownUrl(request: FastifyRequest): AppError {
  const path = (request.originalUrl.split('?')[0] ?? '').slice(0, 200);
  const origin = publicOrigin(request, { GT_PUBLIC_URL: request.server.gtPublicUrl });
  const reference = path === '/' ? ` Its reference is at ${origin}/docs.` : '';
  return new AppError('unknown_url', {
    message: `Invalid URL (${request.method} ${path}). The base URL of this API is ${origin}/api/tenant/v1.${reference}`,
  });
}
