/**
 * - `PROXY_UNREACHABLE`: there is no connection to it;
 * - `PROXY_LOGIN`: it does not take the name and password, or wants some;
 * - `PROXY_REFUSED`: it said no otherwise, or did not reach the address;
 * - `PROXY_CLOSED`: it closed the connection;
 * - `PROXY_MALFORMED`: what it said is not of its protocol.
 */
export type ProxyErrorCode = 'PROXY_UNREACHABLE' | 'PROXY_LOGIN' | 'PROXY_REFUSED' | 'PROXY_CLOSED' | 'PROXY_MALFORMED';

/** A proxy did not open a tunnel. For the log: its message names no host, address or secret; its cause may name them. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';

  constructor(
    readonly code: ProxyErrorCode,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

/** @throws ProxyError with this cause, always. */
export function unreachable(cause: unknown): never {
  throw new ProxyError('PROXY_UNREACHABLE', 'The proxy cannot be reached.', cause);
}
