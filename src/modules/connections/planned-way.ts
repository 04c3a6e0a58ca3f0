import { isIP } from 'node:net';
import type { AdminRole } from '../../catalog/admin/roles.js';
import { proxyPlace, type ConnectionProxy } from '../../contracts/connection-way.js';
import { AppError } from '../../kernel/app-error.js';
import { isProxyAddress } from '../../platform/upstream/proxy-address.js';

/** What signs in at a proxy. */
export interface ProxyLogin {
  readonly username: string;
  readonly password: string;
}

/** How the calls of a connection leave after a change. */
export interface WayPlan {
  readonly proxyUrl: string | null;
  /** What signs in at the proxy: a new one, null for none; undefined keeps the stored one. */
  readonly proxyLogin: ProxyLogin | null | undefined;
  readonly ca: string | null;
}

/** What is said of it: absent keeps what is, null takes it away. */
interface GivenWay {
  readonly proxy?: ConnectionProxy | null | undefined;
  readonly ca?: string | null | undefined;
}

/**
 * Plans the way of a connection's calls. A stored name and password go only to the proxy that they were given for.
 * @throws AppError invalid_value for an address that no proxy may have.
 */
export function plannedWay(before: { readonly proxyUrl: string | null; readonly ca: string | null }, given: GivenWay): WayPlan {
  return { ...plannedProxy(before.proxyUrl, given.proxy), ca: given.ca === undefined ? before.ca : given.ca };
}

/** The way of a connection that is not there yet. */
export const directWay = { proxyUrl: null, ca: null } as const;

function plannedProxy(before: string | null, given: GivenWay['proxy']): Omit<WayPlan, 'ca'> {
  if (given === undefined) return { proxyUrl: before, proxyLogin: undefined };
  if (given === null) return { proxyUrl: null, proxyLogin: null };
  const { url, username, password = '' } = given;
  refuseReserved(url);
  if (username != null) return { proxyUrl: url, proxyLogin: { username, password } };
  return { proxyUrl: url, proxyLogin: username === undefined && url === before ? undefined : null };
}

/** A name is judged by its addresses when it is connected to. */
function refuseReserved(url: string): void {
  const { host = '' } = proxyPlace(url) ?? {};
  if (isIP(host) === 0 || isProxyAddress(host)) return;
  throw new AppError('invalid_value', {
    param: 'proxy.url',
    message: 'No proxy may have this address: it is a link-local, metadata, multicast or reserved one.',
  });
}

/**
 * Where traffic leaves the network is the operators' to say. @param proxy undefined where nothing is said of it.
 * @throws AppError insufficient_role.
 */
export function refuseProxy(role: AdminRole, proxy: unknown): void {
  if (proxy === undefined || role === 'operator') return;
  throw new AppError('insufficient_role', { param: 'proxy', message: "Only operators of the platform may set 'proxy'." });
}
