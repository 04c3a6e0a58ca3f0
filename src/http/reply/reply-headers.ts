import type { FastifyReply, FastifyRequest } from 'fastify';
import { safeToEcho } from './echoed-id.js';

const exposed =
  'x-request-id, x-gt-request-id, x-client-request-id, x-gt-conversation-id, x-gt-image-form, openai-processing-ms, openai-version, retry-after, retry-after-ms, x-should-retry, idempotent-replayed, ' +
  'x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-reset-requests, x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens, x-ratelimit-reset-tokens';

/**
 * Of the data plane alone: OpenAI's meta headers, and CORS for web pages, which send their `Origin`. Any page may read there,
 * since the key and not a cookie lets in.
 */
function tenantHeaders({ gt, headers }: FastifyRequest): string[] {
  const own = [
    'openai-version',
    '2020-10-01',
    'openai-processing-ms',
    String(Math.round(performance.now() - gt.startedAt)),
    'access-control-allow-origin',
    '*',
  ];
  if (gt.rateHeaders !== undefined) own.push(...gt.rateHeaders());
  if (headers.origin !== undefined) own.push('access-control-expose-headers', exposed);
  return own;
}

/** Headers of every reply, names and values in turn: ids and security, and on the data plane what belongs to it. */
export function replyHeaderPairs(request: FastifyRequest): string[] {
  const { gt } = request;
  const headers = request.url.startsWith('/api/tenant/') ? tenantHeaders(request) : [];
  headers.push('x-request-id', gt.echoedId, 'x-gt-request-id', gt.requestId);
  gt.frame.addTo(headers, request);
  const clientId = safeToEcho(request.headers['x-client-request-id']);
  if (clientId !== undefined) headers.push('x-client-request-id', clientId);
  return headers;
}

/** Puts the same headers on a reply that Fastify sends; a policy of its own stays. */
export function setReplyHeaders(request: FastifyRequest, reply: FastifyReply): void {
  const headers = replyHeaderPairs(request);
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? '';
    if (name !== 'content-security-policy' || !reply.hasHeader(name)) void reply.header(name, headers[at + 1]);
  }
}
