/** Where a tunnel through a proxy leads. */
export interface TunnelEnd {
  /** The address that was judged, IPv6 without brackets. Never a name: the proxy would resolve it anew. */
  readonly address: string;
  readonly port: number;
  /** Limit of whoever waits for the tunnel, in milliseconds. */
  readonly timeoutMs: number;
}
