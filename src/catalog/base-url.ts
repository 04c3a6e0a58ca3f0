const plane = '/api/tenant';
const canonical = '/api/tenant/v1/';

/**
 * Brings every spelling of the base URL to one (contract section 2): `/api/tenant/x`, `/api/tenant/v1/x` and
 * `/api/tenant/v1/v1/x`, doubled slashes and a trailing slash all become `/api/tenant/v1/x`. The query stays as it is.
 * Other addresses only lose doubled and trailing slashes. Of a target with scheme and host, as clients of proxies send it,
 * the path counts.
 */
export function canonicalUrl(given: string): string {
  if (isCanonical(given)) return given;
  const url = absoluteTarget(given)?.path ?? given;
  const queryStart = url.indexOf('?');
  const path = queryStart === -1 ? url : url.slice(0, queryStart);
  const query = queryStart === -1 ? '' : url.slice(queryStart);
  return canonicalPath(path) + query;
}

/** A request's target in absolute form, `http://host/path?query`, taken apart. */
export interface AbsoluteTarget {
  /** Host and port as they stand there, not yet judged: what a Host header says instead must be ignored. */
  readonly authority: string;
  /** Path and query, beginning with a slash. */
  readonly path: string;
}

/** Undefined for every target that is not in absolute form (RFC 9112, section 3.2.2). */
export function absoluteTarget(target: string): AbsoluteTarget | undefined {
  if (target.startsWith('/')) return undefined;
  const [, authority, path] = /^https?:\/\/([^/?#]*)([^#]*)/i.exec(target) ?? [];
  if (authority === undefined || path === undefined) return undefined;
  return { authority, path: path.startsWith('/') ? path : `/${path}` };
}

/** The common case, recognised without parsing the address. */
function isCanonical(url: string): boolean {
  return (
    url.startsWith(canonical) &&
    !url.includes('//') &&
    !url.includes('?') &&
    !url.startsWith('v1', canonical.length) &&
    url.charCodeAt(url.length - 1) !== 47
  );
}

function canonicalPath(path: string): string {
  let clean = path.replace(/\/{2,}/g, '/');
  if (clean.length > 1 && clean.endsWith('/')) clean = clean.slice(0, -1);
  if (clean !== plane && !clean.startsWith(`${plane}/`)) return clean;
  let route = clean.slice(plane.length);
  for (let times = 0; times < 2 && (route === '/v1' || route.startsWith('/v1/')); times += 1) route = route.slice(3);
  return `${plane}/v1${route}`;
}
