import { createHash } from 'node:crypto';

/** A proxy that calls go through. It is the operator's, who answers for its address. */
export interface OutboundProxy {
  readonly protocol: 'http' | 'socks5';
  /** A name or an address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
}

/** How calls leave where they do not leave directly, under Node's own trust. Holds an opened secret: never logged, never shown. */
export interface OutboundWay {
  /** The same for two ways that are the same in everything, secrets included. Connections are kept and shared by it. */
  readonly key: string;
  readonly proxy: OutboundProxy | undefined;
  /** Certificates (PEM) that are trusted beside Node's own. */
  readonly ca: string | undefined;
}

/** The way with a proxy, more certificates or both; undefined for none of them. Made once and kept: its key is a hash. */
export function outboundWay({ proxy, ca }: Partial<Pick<OutboundWay, 'proxy' | 'ca'>>): OutboundWay | undefined {
  if (proxy === undefined && ca === undefined) return undefined;
  const { protocol, host, port, username, password } = proxy ?? {};
  const parts = JSON.stringify([protocol, host, port, username, password, ca]);
  const key = createHash('sha256').update(parts).digest('base64url');
  return Object.freeze({ key, proxy: proxy === undefined ? undefined : Object.freeze({ ...proxy }), ca });
}
