import type { FastifyRequest } from 'fastify';
import type { Config } from '../config/config.module.js';

/** Scheme and host as clients see them: GT_PUBLIC_URL, else those of the request. */
export function publicOrigin(request: FastifyRequest, config: Config): string {
  return config.GT_PUBLIC_URL?.replace(/\/+$/, '') ?? `${request.protocol}://${request.host}`;
}
