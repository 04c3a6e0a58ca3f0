import { AppError } from '../../kernel/app-error.js';

/** Where a call goes: what `EgressClient` takes. Worth keeping with the connection; parsing a URL is not free. */
export interface UpstreamTarget {
  /** Scheme, host and port, e.g. `https://api.example.com`. */
  readonly origin: string;
  /** Path on that origin, beginning with one slash. */
  readonly path: string;
}

/**
 * Joins a connection's base URL and a path below it: `https://host/v1/` and `/models` give `https://host` and
 * `/v1/models`. The base's own path is kept and doubled slashes are closed up. Whether the origin may be called at all
 * is the egress policy's question, not this one's.
 * @throws AppError invalid_value: the base is no http(s) URL or has a query, fragment or credentials; the path does
 * not begin with a slash or has a query, fragment, `..` segment, or characters that no request line may hold.
 */
export function upstreamTarget(baseUrl: string, path: string): UpstreamTarget {
  const base = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (
    base === undefined ||
    !/^https?:$/.test(base.protocol) ||
    base.username !== '' ||
    base.password !== '' ||
    /[?#]/.test(base.href)
  ) {
    throw new AppError('invalid_value', {
      param: 'base_url',
      message: 'The base URL must be an http or https URL without credentials, query or fragment.',
    });
  }
  if (!/^\/[\x21-\x7e]*$/.test(path) || /[?#\\]/.test(path) || /(^|\/)(\.|%2e){1,2}(\/|$)/i.test(path)) {
    throw new AppError('invalid_value', {
      param: 'paths',
      message: 'A path must begin with "/" and have no query, fragment, backslash, space or "." segments.',
    });
  }
  return { origin: base.origin, path: `${base.pathname}/${path}`.replace(/\/{2,}/g, '/') };
}
