/** A proxy did not open a tunnel. For the log: its message names no host, address or secret. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';

  /**
   * @param code `PROXY_REFUSED`: it said no; `PROXY_CLOSED`: it closed the connection; `PROXY_MALFORMED`: what it said is not of
   * its protocol.
   */
  constructor(
    readonly code: 'PROXY_REFUSED' | 'PROXY_CLOSED' | 'PROXY_MALFORMED',
    message: string,
  ) {
    super(message);
  }
}
