import type { IncomingMessage } from 'node:http';
import { addressRanges, inRanges, normalAddress, type AddressRange } from '../../kernel/addresses.js';
import { forwardedFor } from './forwarded.js';

/** The other end of a connection. */
interface Peer {
  /** In its normal form, or `unknown`. */
  readonly address: string;
  readonly isTrusted: boolean;
}

/** What stands for an address that a proxy did not tell, or told in no form that is known. It is in no list and no range. */
const unknownAddress = 'unknown';

/** Names that may stand for ranges in GT_TRUSTED_PROXIES. */
const namedRanges: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

/**
 * Reads where a request comes from, once, in the one normal form (kernel/addresses.ts). Keys' allowlists, the failure
 * limiter and the log all see this form.
 *
 * A trusted proxy is believed what it says of the hop before it, and so on up to the first hop that is no trusted proxy.
 * `X-Forwarded-For` comes before `Forwarded` (RFC 7239), since most proxies write the former and pass on the latter as
 * their client sent it.
 */
export class ClientAddresses {
  private readonly trusted: readonly AddressRange[];
  /** Addresses that connections came from: most requests come from few. */
  private readonly peers = new Map<string, Peer>();

  /** @param trustedProxies addresses, CIDR ranges, or `loopback`, `linklocal`, `uniquelocal`. */
  constructor(trustedProxies: readonly string[]) {
    this.trusted = addressRanges(trustedProxies.flatMap((text) => namedRanges[text] ?? [text]));
  }

  /** Is this address one of a trusted proxy? */
  isTrusted(address: string | undefined): boolean {
    return this.trusted.length > 0 && address !== undefined && inRanges(address, this.trusted);
  }

  /** The caller's address, or `unknown`. */
  of({ socket, headers }: IncomingMessage): string {
    const peer = this.peer(socket.remoteAddress ?? '');
    if (!peer.isTrusted) return peer.address;
    const hops = viaXForwardedFor(headers['x-forwarded-for']) ?? forwardedFor(headers.forwarded);
    return hops === undefined ? peer.address : this.lastUntrusted(peer.address, hops);
  }

  /** The hop before the trusted ones, the nearest of which is the last of `hops`. */
  private lastUntrusted(peer: string, hops: readonly string[]): string {
    let address = peer;
    for (let at = hops.length - 1; at >= 0; at -= 1) {
      address = normalAddress(hops[at] ?? '') ?? unknownAddress;
      // Nobody asks about the first hop: there is none before it.
      if (at > 0 && !this.isTrusted(address)) break;
    }
    return address;
  }

  private peer(text: string): Peer {
    const known = this.peers.get(text);
    if (known !== undefined) return known;
    if (this.peers.size >= 1_000) this.peers.clear();
    const address = normalAddress(text) ?? unknownAddress;
    const peer = { address, isTrusted: this.isTrusted(address) };
    this.peers.set(text, peer);
    return peer;
  }
}

function viaXForwardedFor(header: string | string[] | undefined): string[] | undefined {
  if (header === undefined) return undefined;
  const hops = String(header)
    .split(',')
    .map((hop) => hop.trim())
    .filter((hop) => hop !== '');
  return hops.length === 0 ? undefined : hops;
}
