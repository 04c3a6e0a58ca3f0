import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { connect, type LookupFunction, type Socket, type TcpNetConnectOpts } from 'node:net';
import { connectByHttp } from './http-connect.js';
import type { OutboundProxy } from './outbound-way.js';
import { unreachable } from './proxy-error.js';
import type { TunnelEnd } from './tunnel-end.js';

/** Most processes never meet a SOCKS proxy: the library costs them nothing. */
const handshakes = {
  http: () => Promise.resolve(connectByHttp),
  socks5: async () => (await import('./socks-connect.js')).connectBySocks,
};

/**
 * A connection through the proxy to exactly this address. Errors of the socket are heard here as well, so that none ends the
 * process before somebody listens.
 * @param at the judged addresses of the proxy itself. @param signal gives the attempt up; its reason is thrown then.
 * @throws ProxyError. The connection to the proxy is closed.
 */
export async function openTunnel(
  proxy: OutboundProxy,
  at: readonly LookupAddress[],
  end: TunnelEnd,
  signal: AbortSignal,
): Promise<Socket> {
  const shakeHands = await handshakes[proxy.protocol]();
  signal.throwIfAborted();
  const socket = connect(optionsOf(proxy, at));
  socket.on('error', () => undefined);
  const onAbort = (): void => void socket.destroy(signal.reason as Error);
  signal.addEventListener('abort', onAbort);
  try {
    await once(socket, 'connect').catch(unreachable);
    await shakeHands(socket, proxy, end);
    signal.throwIfAborted();
    return socket;
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** As undici opens its own connections. */
function optionsOf({ host, port }: OutboundProxy, at: readonly LookupAddress[]): TcpNetConnectOpts {
  const common = { keepAlive: true, keepAliveInitialDelay: 60_000, noDelay: true, highWaterMark: 64 * 1024 };
  return { ...common, host, port, lookup: answering(at) };
}

/** A look-up whose answer is known. */
function answering(addresses: readonly LookupAddress[]): LookupFunction {
  return (_hostname, { all }, callback) => {
    const [first] = addresses;
    if (all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };
}
