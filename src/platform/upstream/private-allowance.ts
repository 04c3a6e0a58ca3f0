import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { ConfigError } from '../../config/load-config.js';
import type { Address } from './public-address.js';

/**
 * The private addresses that providers may have, from GT_ALLOW_PRIVATE_UPSTREAMS: `false` (none), `true` (all), or a
 * list of `host:port` and CIDR ranges separated by commas. `host:port` allows exactly this host text with this port,
 * whatever it resolves to; a range allows its addresses on every port and under every name.
 */
export class PrivateAllowance {
  private readonly hosts = new Set<string>();
  private readonly ranges: (readonly [Address, number])[] = [];
  private readonly everything: boolean;

  /** @throws ConfigError naming the setting and each entry that is neither `host:port` nor CIDR. */
  constructor(setting: string) {
    const text = setting.trim().toLowerCase();
    this.everything = text === 'true';
    if (text === '' || text === 'true' || text === 'false') return;
    const bad = text.split(',').filter((entry) => !this.add(entry.trim()));
    if (bad.length > 0) {
      throw new ConfigError(
        bad.map(
          (entry) =>
            `GT_ALLOW_PRIVATE_UPSTREAMS must be false, true, or a list of host:port or CIDR; "${entry.trim()}" is neither.`,
        ),
      );
    }
  }

  /** `host` as a URL's `hostname` has it: lower case, IPv6 in brackets. */
  allowsHost(host: string, port: number): boolean {
    return this.everything || (this.hosts.size > 0 && this.hosts.has(`${withoutFinalDot(host)}:${port}`));
  }

  allowsAddress(address: Address): boolean {
    return this.everything || this.ranges.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits));
  }

  private add(entry: string): boolean {
    return entry.includes('/') ? this.addRange(entry) : this.addHost(entry);
  }

  private addRange(entry: string): boolean {
    // "10/8" would be read as 0.0.0.10/8: only whole addresses count.
    if (isIP(entry.slice(0, entry.indexOf('/'))) === 0 || !ipaddr.isValidCIDR(entry)) return false;
    this.ranges.push(ipaddr.parseCIDR(entry));
    return true;
  }

  private addHost(entry: string): boolean {
    const [, host, port] = /^([a-z0-9._-]+|\[[0-9a-f:.]+\]):(\d{1,5})$/.exec(entry) ?? [];
    if (host === undefined || port === undefined || Number(port) < 1 || Number(port) > 65_535) return false;
    if (!URL.canParse(`http://${host}/`)) return false;
    this.hosts.add(`${withoutFinalDot(new URL(`http://${host}/`).hostname)}:${Number(port)}`);
    return true;
  }
}

/** `localhost.` is `localhost`: a final dot only says that a name is complete. */
export function withoutFinalDot(host: string): string {
  return host.endsWith('.') ? host.slice(0, -1) : host;
}
