import type { IncomingMessage } from 'node:http';

const heads = new WeakSet<IncomingMessage>();

/**
 * HEAD answers wherever GET does, with the same status and headers (RFC 9110, section 9.3.2): the router finds the row of
 * GET, and Node sends no body, since it has seen the method before. To be called before the router.
 */
export function routeHeadAsGet(request: IncomingMessage): void {
  if (request.method !== 'HEAD') return;
  heads.add(request);
  request.method = 'GET';
}

/** Gives the request its own method back, for hooks, log and answers. To be called after the router. */
export function restoreHead(request: IncomingMessage): void {
  if (request.method === 'GET' && heads.has(request)) request.method = 'HEAD';
}
