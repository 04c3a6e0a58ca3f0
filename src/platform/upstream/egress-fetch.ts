import type { EgressClient } from './egress-client.js';
import type { OutboundWay } from './way/outbound-way.js';

/** What a library says of a request to be made. */
export interface FetchRequest {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

/** As a token server's longest answer: a list of keys. */
const maxBytes = 512 * 1024;

/**
 * The way out for libraries that make calls by `fetch`: small calls with a JSON reply through the egress client. Of the
 * reply's headers only the media type is there.
 * @throws EgressError for every failure and for a redirect, which is not followed.
 */
export function egressFetch(client: EgressClient, totalMs: number, way?: OutboundWay) {
  return async (address: string, { method, headers, body }: FetchRequest): Promise<Response> => {
    const { origin, pathname, search } = new URL(address);
    const reply = await client.json({
      origin,
      path: `${pathname}${search}`,
      method: method === 'POST' ? 'POST' : 'GET',
      headers,
      body: body === undefined || body === null ? null : Buffer.from(bodyText(body)),
      maxBytes,
      totalMs,
      way,
    });
    return new Response(reply.body === undefined ? null : JSON.stringify(reply.body), {
      status: reply.status,
      headers: { 'content-type': reply.headers['content-type'] ?? '' },
    });
  };
}

function bodyText(body: unknown): string {
  if (typeof body === 'string') return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new Error('A body that is neither text nor a form cannot be sent.');
}
