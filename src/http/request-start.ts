import type { FastifyReply, FastifyRequest } from 'fastify';
import { ReplyFrame } from './door/reply-frame.js';
import type { RequestContext } from './request-context.js';

const safeId = /^[A-Za-z0-9._:-]{1,128}$/;
const exposed =
  'x-request-id, x-gt-request-id, x-client-request-id, x-gt-conversation-id, openai-processing-ms, openai-version, retry-after, retry-after-ms, x-should-retry, idempotent-replayed, ' +
  'x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-reset-requests, x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens, x-ratelimit-reset-tokens';

/**
 * A request's context at its arrival. The caller's own request id is kept when it is safe to print.
 * @param ip the caller's address in its normal form.
 */
export function startContext(request: FastifyRequest, ip = request.ip, frame = new ReplyFrame()): RequestContext {
  const given = request.headers['x-request-id'];
  return {
    requestId: request.id,
    echoedId: typeof given === 'string' && safeId.test(given) ? given : request.id,
    startedAt: performance.now(),
    ip,
    frame,
    bodyBytes: 0,
    bodyRoom: undefined,
    identity: undefined,
    isAllowed: false,
    entry: undefined,
    admin: undefined,
    endpoint: undefined,
    errorCode: undefined,
    idempotency: undefined,
  };
}

/** Of the data plane alone: OpenAI's meta headers and CORS. Any web page may read there, since the key and not a cookie lets in. */
function tenantHeaders(startedAt: number): string[] {
  return [
    'openai-version',
    '2020-10-01',
    'openai-processing-ms',
    String(Math.round(performance.now() - startedAt)),
    'access-control-allow-origin',
    '*',
    'access-control-expose-headers',
    exposed,
  ];
}

/** Headers of every reply, names and values in turn: ids and security, and on the data plane what belongs to it. */
export function replyHeaderPairs(request: FastifyRequest): string[] {
  const { gt } = request;
  const headers = request.url.startsWith('/api/tenant/') ? tenantHeaders(gt.startedAt) : [];
  headers.push('x-request-id', gt.echoedId, 'x-gt-request-id', gt.requestId);
  gt.frame.addTo(headers, request);
  const clientId = request.headers['x-client-request-id'];
  if (typeof clientId === 'string' && safeId.test(clientId)) headers.push('x-client-request-id', clientId);
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

/** Answers a browser's question before the call; asks for no key, since browsers send none with it. */
export function answerPreflight(request: FastifyRequest, reply: FastifyReply): void {
  const asked = request.headers['access-control-request-headers'];
  void reply
    .code(204)
    .headers({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, HEAD, POST, DELETE, OPTIONS',
      'access-control-allow-headers': asked ?? 'authorization, content-type',
      'access-control-max-age': '86400',
      vary: 'access-control-request-headers',
    })
    .send();
}
