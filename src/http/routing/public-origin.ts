import type { FastifyRequest } from 'fastify';

interface PublicAddress {
  readonly GT_PUBLIC_URL?: string | undefined;
}

/** Scheme and host as clients see them: GT_PUBLIC_URL, else those of the request. */
export function publicOrigin(request: FastifyRequest, config: PublicAddress): string {
  return config.GT_PUBLIC_URL?.replace(/\/+$/, '') ?? `${calledScheme(request)}://${calledHost(request)}`;
}

/**
 * The same for who reads about the API: on a host of a tenant, that host.
 * @param isTenantHost whether the host that was asked belongs to a tenant.
 */
export function readersOrigin(request: FastifyRequest, config: PublicAddress, isTenantHost: boolean): string {
  if (!isTenantHost) return publicOrigin(request, config);
  return calledOrigin(request, config);
}

/** Scheme and host that the client has called, whatever GT_PUBLIC_URL names; behind a public https address it was https. */
export function calledOrigin(request: FastifyRequest, config: PublicAddress): string {
  return `${isCalledByHttps(request, config) ? 'https' : 'http'}://${calledHost(request)}`;
}

/** Whether the client speaks https, to this process or to what stands before it. */
export function isCalledByHttps(request: FastifyRequest, config: PublicAddress): boolean {
  return config.GT_PUBLIC_URL?.toLowerCase().startsWith('https:') === true || calledScheme(request) === 'https';
}

/** A proxy may tell anything as the protocol. */
function calledScheme({ protocol }: FastifyRequest): 'http' | 'https' {
  return protocol === 'https' ? 'https' : 'http';
}

/** HTTP/1.0 says no Host: then the address that was called. */
function calledHost({ host, raw: { socket } }: FastifyRequest): string {
  return host === '' ? `${socket.localAddress ?? 'localhost'}:${socket.localPort ?? ''}` : host;
}
