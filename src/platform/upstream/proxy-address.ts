import ipaddr from 'ipaddr.js';
import { parseAddress } from './public-address.js';

const kinds: ReadonlySet<string> = new Set(['unicast', 'private', 'uniqueLocal', 'carrierGradeNat', 'loopback']);

/** Where clouds tell a machine its credentials, outside of the link-local ranges: AWS by IPv6, Alibaba, Oracle's former one. */
const metadata = ['fd00:ec2::254/128', '100.100.100.200/32', '192.0.0.192/32'].map((range) => ipaddr.parseCIDR(range));

/**
 * True for an address that the proxy of an operator may have. It usually is a private one, and may be on this machine. Link-local
 * addresses, and others where clouds keep the metadata of machines, are no proxy's; neither are multicast and reserved ones.
 */
export function isProxyAddress(text: string): boolean {
  const address = parseAddress(text);
  if (address === undefined || !kinds.has(address.range())) return false;
  return !metadata.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits));
}
