import type { Socket } from 'node:net';
import { buildConnector, errors } from 'undici';
import type { EgressPolicy } from '../egress-policy.js';
import type { OutboundProxy, OutboundWay } from './outbound-way.js';
import { ProxyError, unreachable } from './proxy-error.js';
import { trustBeside } from './trust.js';
import { openTunnel } from './tunnel.js';

/** A way through a proxy. */
export type ProxiedWay = OutboundWay & { readonly proxy: OutboundProxy };

export interface WayConnectorOptions {
  readonly policy: EgressPolicy;
  readonly port: number;
  /** Limit of all of it: names, proxy, tunnel and TLS. */
  readonly timeoutMs: number;
}

/** What TLS is like on every way: whatever the environment says, it is verified. */
export function tlsOf(way: OutboundWay | undefined) {
  return { rejectUnauthorized: true, ...(way?.ca === undefined ? {} : { secureContext: trustBeside(way.ca) }) };
}

/**
 * Connects through a proxy: the name is resolved and judged here, the proxy is given one of the judged addresses, and TLS runs
 * through the tunnel to whoever has the name. IPv4 is tried first: fewer proxies reach IPv6.
 */
export function wayConnector(way: ProxiedWay, { policy, port, timeoutMs }: WayConnectorOptions): buildConnector.connector {
  const { proxy } = way;
  const secure = buildConnector({ ...tlsOf(way), timeout: 0 });

  const openAny = async (hostname: string, signal: AbortSignal): Promise<Socket> => {
    const addresses = await policy.addressesOf(hostname, port);
    const at = await policy.addressesOfProxy(proxy.host).catch(unreachable);
    const ends = [4, 6].flatMap((family) => addresses.find((address) => address.family === family) ?? []);
    for (const [index, { address }] of ends.entries()) {
      try {
        return await openTunnel(proxy, at, { address, port, timeoutMs }, signal);
      } catch (error) {
        if (signal.aborted || index === ends.length - 1) throw error;
      }
    }
    throw new Error('A host without an address.');
  };

  const connect = async (options: buildConnector.Options, signal: AbortSignal): Promise<Socket> => {
    const tunnel = await openAny(options.hostname, signal);
    return options.protocol === 'https:' ? secured(secure, { ...options, httpSocket: tunnel }, tunnel, signal) : tunnel;
  };

  return (options, callback) => {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(new errors.ConnectTimeoutError('The connect limit was reached.')), timeoutMs);
    Promise.race([connect(options, limit.signal), endOf(limit.signal)])
      .finally(() => clearTimeout(timer))
      .then(
        (socket) => {
          // Whatever has happened to it since is not heard by undici any more.
          if (socket.destroyed) callback(new ProxyError('PROXY_CLOSED', 'The proxy closed the tunnel.'), null);
          else callback(null, socket);
        },
        (error: Error) => callback(error, null),
      );
  };
}

/** Rejects when the signal fires. */
function endOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
}

/** TLS through the tunnel. Where it does not come about, the tunnel is closed. */
function secured(
  secure: buildConnector.connector,
  options: buildConnector.Options,
  tunnel: Socket,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      tunnel.destroy();
      reject(error);
    };
    const onClose = (): void => fail(new ProxyError('PROXY_CLOSED', 'The proxy closed the tunnel before TLS stood.'));
    const onAbort = (): void => void tunnel.destroy();
    tunnel.once('close', onClose);
    signal.addEventListener('abort', onAbort);
    secure(options, (...[error, socket]) => {
      tunnel.off('close', onClose);
      signal.removeEventListener('abort', onAbort);
      if (error === null) resolve(socket);
      else fail(error);
    });
  });
}
