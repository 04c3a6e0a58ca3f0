const plane = '/api/tenant';
const canonical = '/api/tenant/v1/';

/**
 * Brings every spelling of the base URL to one (contract section 2): `/api/tenant/x`, `/api/tenant/v1/x` and
 * `/api/tenant/v1/v1/x`, doubled slashes and a trailing slash all become `/api/tenant/v1/x`. The query stays as it is.
 * Other addresses only lose doubled and trailing slashes.
 */
export function canonicalUrl(url: string): string {
  if (isCanonical(url)) return url;
  const queryStart = url.indexOf('?');
  const path = queryStart === -1 ? url : url.slice(0, queryStart);
  const query = queryStart === -1 ? '' : url.slice(queryStart);
  return canonicalPath(path) + query;
}

/** The common case, told without taking the address apart. */
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
