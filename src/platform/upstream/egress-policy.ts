import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { AppError } from '../../kernel/app-error.js';
import { PrivateAllowance, withoutFinalDot } from './private-allowance.js';
import { isProxyAddress } from './proxy-address.js';
import { isPublicAddress, parseAddress } from './public-address.js';

/** All addresses of a name; rejects when there are none. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

export interface JudgeOptions {
  /** The request's field that the error names. */
  readonly param?: string;
  /** A base URL has no query; the address of a webhook may have one. */
  readonly allowQuery?: boolean;
}

/** A connection was not opened because no address behind the host may be called. For the log, never for a caller. */
export class EgressRefusedError extends Error {
  readonly code = 'EGRESS_REFUSED';

  constructor(host: string, why = 'that GT_ALLOW_PRIVATE_UPSTREAMS lets this platform call') {
    super(`"${host}" has no address ${why}.`);
    this.name = 'EgressRefusedError';
  }
}

/** How long saving waits for an answer of the name service. Connecting has its own limit. */
const resolveLimitMs = 3_000;

/**
 * Decides where the platform may connect to. A tenant chooses its providers' addresses, so without this rule a tenant
 * could make the platform call its own inside (SSRF). Judged twice: when an address is saved, for a clear error, and
 * by the very look-up that connects, so that an answer of the name service that changes in between gains nothing.
 */
export class EgressPolicy {
  private readonly allowance: PrivateAllowance;

  /** @throws ConfigError when the setting GT_ALLOW_PRIVATE_UPSTREAMS is malformed. */
  constructor(
    allowPrivateUpstreams: string,
    private readonly resolve: Resolve = (hostname) => lookup(hostname, { all: true }),
  ) {
    this.allowance = new PrivateAllowance(allowPrivateUpstreams);
  }

  /**
   * Judges an address before it is saved and returns it in its normal form, which is the one to save. A name that
   * does not resolve (yet) passes: it is judged again at every connect.
   * @throws AppError invalid_value (400), whose message tells nothing about the name's addresses.
   */
  async judgeUrl(text: string, { param = 'base_url', allowQuery = false }: JudgeOptions = {}): Promise<URL> {
    const refuse = (message: string) => new AppError('invalid_value', { param, message });
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol)) throw refuse('The address must be an http or https URL.');
    if (url.username !== '' || url.password !== '') throw refuse('The address must not contain a user name or password.');
    if (url.href.includes('#')) throw refuse('The address must not contain a fragment (#).');
    if (!allowQuery && url.href.includes('?')) throw refuse('The address must not contain a query (?).');
    if (!(await this.mayBeSaved(url))) {
      const place = `${url.hostname}:${portOf(url)}`;
      throw refuse(
        `The address leads to a private or reserved network. An operator of the platform can allow it: ${place} in GT_ALLOW_PRIVATE_UPSTREAMS.`,
      );
    }
    return url;
  }

  /** True for an address whose host the setting allows by itself: only there may a secret go over plain http. */
  allowsPrivately(url: URL): boolean {
    const host = withoutFinalDot(url.hostname);
    if (this.allowance.allowsHost(host, portOf(url))) return true;
    const literals = /(^|\.)localhost$/.test(host) ? ['127.0.0.1', '::1'] : [host];
    return literals.some((literal) => {
      const address = parseAddress(literal);
      return address !== undefined && this.allowance.allowsAddress(address);
    });
  }

  /**
   * The error for a host that is an IP address and may not be called; undefined for all others. For connects, where
   * Node resolves no name and so asks no `lookupFor`.
   */
  refusalOfLiteral(host: string, port: number): EgressRefusedError | undefined {
    return isIP(host) === 0 || this.allowsLiteral(host, port) ? undefined : new EgressRefusedError(host);
  }

  /**
   * The look-up for `net.connect` to this port. It resolves once and hands out exactly the addresses that were judged,
   * so nothing can change between judging and connecting. Fails with EgressRefusedError when none is left.
   */
  lookupFor(port: number): LookupFunction {
    return (hostname, options, callback) => {
      this.permitted(hostname, port).then(
        (addresses) => {
          const family = options.family === 4 || options.family === 6 ? options.family : undefined;
          const usable = family === undefined ? addresses : addresses.filter((address) => address.family === family);
          const [first] = usable;
          if (first === undefined) callback(new EgressRefusedError(hostname), '', 0);
          else if (options.all === true) callback(null, usable);
          else callback(null, first.address, first.family);
        },
        (error: NodeJS.ErrnoException) => callback(error, '', 0),
      );
    };
  }

  /**
   * The addresses behind a host that may be called on this port, judged as `lookupFor` and `refusalOfLiteral` do, for whoever
   * has somebody else connect to one of them. @throws EgressRefusedError when there is none; an error of the name service.
   */
  async addressesOf(host: string, port: number): Promise<readonly LookupAddress[]> {
    const refusal = this.refusalOfLiteral(host, port);
    if (refusal !== undefined) throw refusal;
    const addresses = isIP(host) === 0 ? await this.permitted(host, port) : [{ address: host, family: isIP(host) }];
    if (addresses.length === 0) throw new EgressRefusedError(host);
    return addresses;
  }

  /**
   * The addresses of a proxy that an operator has named, see `isProxyAddress`. @throws EgressRefusedError when there is none;
   * an error of the name service.
   */
  async addressesOfProxy(host: string): Promise<readonly LookupAddress[]> {
    const found = isIP(host) === 0 ? await this.resolve(host) : [{ address: host, family: isIP(host) }];
    const addresses = found.filter(({ address }) => isProxyAddress(address));
    if (addresses.length === 0) throw new EgressRefusedError(host, 'that a proxy may have');
    return addresses;
  }

  private async permitted(hostname: string, port: number): Promise<LookupAddress[]> {
    const addresses = await this.resolve(hostname);
    if (this.allowance.allowsHost(hostname, port)) return [...addresses];
    return addresses.filter(({ address }) => this.allowsAddress(address));
  }

  private async mayBeSaved(url: URL): Promise<boolean> {
    const host = withoutFinalDot(url.hostname);
    const port = portOf(url);
    if (parseAddress(host) !== undefined) return this.allowsLiteral(host, port);
    if (this.allowance.allowsHost(host, port)) return true;
    // RFC 6761: these are this machine, whatever a name service says.
    if (/(^|\.)localhost$/.test(host)) return ['127.0.0.1', '::1'].some((address) => this.allowsAddress(address));
    const addresses = await this.resolveForSaving(host);
    return addresses.length === 0 || addresses.some(({ address }) => this.allowsAddress(address));
  }

  private async resolveForSaving(host: string): Promise<readonly LookupAddress[]> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<readonly LookupAddress[]>((done) => {
      timer = setTimeout(done, resolveLimitMs, []);
    });
    const answer = this.resolve(host).catch(() => []);
    return Promise.race([answer, limit]).finally(() => clearTimeout(timer));
  }

  private allowsLiteral(host: string, port: number): boolean {
    const inUrl = isIP(host) === 6 ? `[${host}]` : host;
    return this.allowance.allowsHost(inUrl, port) || this.allowsAddress(host);
  }

  private allowsAddress(text: string): boolean {
    const address = parseAddress(text);
    return address !== undefined && (isPublicAddress(address) || this.allowance.allowsAddress(address));
  }
}

/** The port that a URL leads to, also where it does not say one. */
export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}
