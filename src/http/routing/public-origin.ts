import type { FastifyRequest } from 'fastify';

/** Scheme and host as clients see them: GT_PUBLIC_URL, else those of the request. */
export function publicOrigin(request: FastifyRequest, config: { readonly GT_PUBLIC_URL?: string | undefined }): string {
  return config.GT_PUBLIC_URL?.replace(/\/+$/, '') ?? `${request.protocol}://${calledHost(request)}`;
}

/** HTTP/1.0 says no Host: then the address that was called. */
function calledHost({ host, raw: { socket } }: FastifyRequest): string {
  return host === '' ? `${socket.localAddress ?? 'localhost'}:${socket.localPort ?? ''}` : host;
}
