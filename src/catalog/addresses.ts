import ipaddr from 'ipaddr.js';
import type { AddressRange } from './facts.js';

/** Reads addresses and CIDR ranges; a single address is a range of one. Texts that are neither are passed over. */
export function addressRanges(texts: readonly string[]): AddressRange[] {
  return texts.flatMap((text): AddressRange[] => {
    if (ipaddr.isValidCIDR(text)) return [ipaddr.parseCIDR(text)];
    if (!ipaddr.isValid(text)) return [];
    const address = ipaddr.process(text);
    return [[address, address.kind() === 'ipv4' ? 32 : 128]];
  });
}

/** True when the address is within one of the ranges. IPv4 in IPv6 clothing counts as IPv4. */
export function inRanges(address: string, ranges: readonly AddressRange[]): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return ranges.some((range) => range[0].kind() === parsed.kind() && parsed.match(range as [ipaddr.IPv4 & ipaddr.IPv6, number]));
}

/** May a caller at this address use a key with these ranges? No ranges: everyone may. */
export function addressAllowed(address: string, ranges: readonly AddressRange[]): boolean {
  return ranges.length === 0 || inRanges(address, ranges);
}
