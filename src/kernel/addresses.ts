import ipaddr from 'ipaddr.js';

/** An address and how many of its leading bits count. */
export type AddressRange = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

const v4WithPort = /^([\d.]+):\d{1,5}$/;
const inBrackets = /^\[([^\]]+)\](?::\d{1,5})?$/;

/**
 * An address in its one normal form, from any spelling that proxies and sockets use: with a port, in brackets, with a zone,
 * in capitals, IPv4 in IPv6. `1` and `010.0.0.1` are addresses to some readers and other addresses to others: they are none
 * here.
 * @returns IPv4 as four numbers, IPv6 as RFC 5952 writes it; undefined when the text is no address.
 */
export function normalAddress(text: string): string | undefined {
  return written(parseAddress(bare(text)));
}

/** Reads addresses and CIDR ranges; a single address is a range of one. Texts that are neither are passed over. */
export function addressRanges(texts: readonly string[]): AddressRange[] {
  return texts.map(addressRange).filter((range) => range !== undefined);
}

/** One address or CIDR range; a range of IPv4 in IPv6 is one of IPv4. */
export function addressRange(text: string): AddressRange | undefined {
  const [first = '', bits, ...more] = text.split('/');
  if (more.length > 0) return undefined;
  const address = plainAddress(bare(first));
  if (address === undefined) return undefined;
  const whole = address.kind() === 'ipv4' ? 32 : 128;
  if (bits !== undefined && !/^\d{1,3}$/.test(bits)) return undefined;
  const length = bits === undefined ? whole : Number(bits);
  if (length > whole) return undefined;
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && length >= 96)
    return [address.toIPv4Address(), length - 96];
  return [address, length];
}

/** True when the address is within one of the ranges. */
export function inRanges(address: string, ranges: readonly AddressRange[]): boolean {
  const parsed = parseAddress(bare(address));
  if (parsed === undefined) return false;
  return ranges.some((range) => range[0].kind() === parsed.kind() && parsed.match(range as [ipaddr.IPv4 & ipaddr.IPv6, number]));
}

/** May a caller at this address use a key with these ranges? No ranges: everyone may. */
export function addressAllowed(address: string, ranges: readonly AddressRange[]): boolean {
  return ranges.length === 0 || inRanges(address, ranges);
}

/** What failures are counted by: an IPv4 address, or the /64 of an IPv6 address, of which one customer has all. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const parsed = parseAddress(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, 4).join(':') : (parsed?.toString() ?? address);
}

function bare(text: string): string {
  const inner = v4WithPort.exec(text)?.[1] ?? inBrackets.exec(text)?.[1] ?? text;
  const zone = inner.indexOf('%');
  return zone === -1 ? inner : inner.slice(0, zone);
}

function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const address = plainAddress(text);
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

function plainAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (!text.includes(':')) return ipaddr.IPv4.isValidFourPartDecimal(text) ? ipaddr.IPv4.parse(text) : undefined;
  return ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : undefined;
}

function written(address: ipaddr.IPv4 | ipaddr.IPv6 | undefined): string | undefined {
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address?.toString();
}
