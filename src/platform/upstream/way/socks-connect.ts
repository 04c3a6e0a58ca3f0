import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { SocksClient } from 'socks';
import type { OutboundProxy } from './outbound-way.js';
import { ProxyError } from './proxy-error.js';
import type { TunnelEnd } from './tunnel-end.js';

/**
 * Asks a SOCKS5 proxy on this connection for a tunnel to an address (RFC 1928, RFC 1929). Afterwards the connection is that to
 * the address; bytes that came with the proxy's last word are still to be read from it.
 * @throws ProxyError
 */
export async function connectBySocks(
  socket: Socket,
  proxy: OutboundProxy,
  { address, port, timeoutMs }: TunnelEnd,
): Promise<void> {
  const { host, username, password = '' } = proxy;
  const early: Buffer[] = [];
  const keep = (chunk: Buffer): void => void early.push(chunk);
  try {
    await SocksClient.createConnection({
      command: 'connect',
      proxy: { host, port: proxy.port, type: 5, ...(username === undefined ? {} : { userId: username, password }) },
      destination: { host: address, port },
      timeout: timeoutMs,
      existing_socket: socket,
    });
  } catch (error) {
    throw meant(error);
  }
  // The library hands over what came early as an event of the next turn and lets the socket flow.
  socket.on('data', keep);
  await turn();
  socket.off('data', keep).pause();
  if (early.length > 0) socket.unshift(Buffer.concat(early));
}

/** The library's error holds the password. */
function meant(error: unknown): ProxyError {
  const said = error instanceof Error ? error.message : '';
  if (/^(?:Socket closed|read |write )/.test(said))
    return new ProxyError('PROXY_CLOSED', 'The proxy closed the connection before it had answered.');
  if (/Authentication failed|no accepted/.test(said)) return new ProxyError('PROXY_LOGIN', `The proxy refused: ${said}.`);
  if (/rejected/.test(said)) return new ProxyError('PROXY_REFUSED', `The proxy refused: ${said}.`);
  return new ProxyError('PROXY_MALFORMED', `The proxy did not speak SOCKS5: ${said}.`);
}
