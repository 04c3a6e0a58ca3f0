/** A base URL taken apart. */
export interface SpelledBaseUrl {
  /** Without a slash at the end. */
  readonly given: string;
  /** How it is spelt, as far as one can see. */
  readonly form: 'right' | 'without-v1' | 'doubled-v1' | 'with-route' | 'without-api-tenant';
  /** What it should be, the likeliest first. */
  readonly candidates: readonly string[];
}

const plane = '/api/tenant';

/** Looks at the path of a base URL; a path in front of `/api/tenant` may be a proxy's. */
export function spelledBaseUrl(given: string): SpelledBaseUrl {
  const { origin, pathname } = new URL(given);
  const path = pathname.replace(/\/{2,}/g, '/').replace(/\/$/, '');
  const at = `${path}/`.indexOf(`${plane}/`);
  if (at === -1) {
    const prefix = path.replace(/\/v1$/, '');
    const candidates = [...new Set([`${origin}${plane}/v1`, `${origin}${prefix}${plane}/v1`])];
    return { given: origin + path, form: 'without-api-tenant', candidates };
  }
  const right = `${origin}${path.slice(0, at)}${plane}/v1`;
  const form = formOf(path.slice(at + plane.length));
  return { given: origin + path, form, candidates: [right] };
}

/** @param rest what stands behind `/api/tenant`. */
function formOf(rest: string): SpelledBaseUrl['form'] {
  if (rest === '/v1') return 'right';
  if (rest === '') return 'without-v1';
  return /^(?:\/v1){2,}$/.test(rest) ? 'doubled-v1' : 'with-route';
}

/** The same address with another scheme; a port that belongs to the one becomes that of the other. */
export function withScheme(url: string, scheme: 'http' | 'https'): string {
  return url.replace(/^https?/i, scheme);
}

/** True for addresses of this machine itself. */
export function isLoopback(url: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
}
