import type { IncomingMessage } from 'node:http';
import { absoluteTarget, canonicalUrl } from '../../catalog/base-url.js';

/**
 * The address that the router is given for a request, of which every spelling is one. A target in absolute form brings its
 * own host, which takes the place of what the Host header says (RFC 9112, section 3.2.2): the guard judges that one. A
 * HTTP/1.1 request without the header stays one and is refused.
 */
export function routedUrl(request: IncomingMessage): string {
  const target = request.url ?? '/';
  const absolute = absoluteTarget(target);
  if (absolute !== undefined && (request.headers.host !== undefined || request.httpVersion === '1.0')) {
    request.headers.host = absolute.authority;
  }
  return canonicalUrl(target);
}
