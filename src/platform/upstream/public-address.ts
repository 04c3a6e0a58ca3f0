import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** All of IPv6 that is given out for the public Internet; everything outside is refused without a further look. */
const globalUnicast = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number];

/** The well-known NAT64 prefix: on networks without IPv4 even public providers have such addresses (RFC 6052). */
const nat64 = ipaddr.parseCIDR('64:ff9b::/96') as [ipaddr.IPv6, number];

/**
 * Reads an address as the resolver or a parsed URL gives it; brackets around IPv6 are allowed, a name is undefined.
 * Short, octal and hexadecimal forms of IPv4 are no addresses here: a URL has made them plain before.
 * IPv4 inside IPv6 (mapped, NAT64) is returned as the IPv4 address that packets would reach.
 */
export function parseAddress(text: string): Address | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (isIP(bare) === 0) return undefined;
  const address = ipaddr.parse(bare);
  if (!(address instanceof ipaddr.IPv6)) return address;
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  return address.match(nat64) ? new ipaddr.IPv4(address.toByteArray().slice(12)) : address;
}

/**
 * True only for an address of the public Internet. Private, loopback, link-local, unique-local, shared (100.64/10),
 * multicast, broadcast, documentation, unspecified, reserved and tunnel (6to4, Teredo) ranges are not; neither is any
 * range that nobody has assigned yet.
 */
export function isPublicAddress(address: Address): boolean {
  if (address instanceof ipaddr.IPv6 && !address.match(globalUnicast)) return false;
  return address.range() === 'unicast';
}
