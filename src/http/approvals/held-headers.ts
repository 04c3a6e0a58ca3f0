import type { IncomingHttpHeaders } from 'node:http';

/**
 * Headers that are not the call's: credentials, those of the connection and of proxies, and what belongs to one sending of it. The
 * key itself is not kept: the call is made for the key that asked.
 */
const left =
  /^(?:authorization|x-api-key|api-key|x-goog-api-key|cookie|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|sec-.*|content-length|expect|prefer|idempotency-key|forwarded|x-forwarded-.*|x-real-ip|origin|referer|accept-encoding|x-request-id|x-client-request-id|x-stainless-retry-count|traceparent|tracestate)$/;

/** The headers of a request that are kept with it, to be sent again. */
export function heldHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || left.test(name) ? [] : [[name, String(value)] as const],
  );
  return Object.fromEntries(kept);
}
