import { isIPv6, type Socket } from 'node:net';
import type { OutboundProxy } from './outbound-way.js';
import { ProxyError } from './proxy-error.js';
import type { TunnelEnd } from './tunnel-end.js';

/** So long the head of a proxy's reply may be. */
const maxHeadBytes = 16 * 1024;
const headEnd = Buffer.from('\r\n\r\n');
const headStart = Buffer.from('HTTP/1.');

/**
 * Asks an HTTP proxy on this connection for a tunnel to an address (RFC 9110, section 9.3.6). Afterwards the connection is that
 * to the address; bytes that came with the reply's head are still to be read from it.
 * @throws ProxyError
 */
export async function connectByHttp(socket: Socket, proxy: OutboundProxy, { address, port }: TunnelEnd): Promise<void> {
  const authority = isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`, ...credentialsOf(proxy)];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  const status = statusOf(await readHead(socket));
  if (status === 407) throw new ProxyError('PROXY_LOGIN', 'The proxy did not take the name and password (status 407).');
  if (status < 200 || status > 299)
    throw new ProxyError('PROXY_REFUSED', `The proxy answered the call for a tunnel with status ${status}.`);
}

function credentialsOf({ username, password = '' }: OutboundProxy): string[] {
  if (username === undefined) return [];
  return [`Proxy-Authorization: Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`];
}

function statusOf(head: Buffer): number {
  const [, status] = /^HTTP\/1\.[01] (\d{3})(?: |\r\n|$)/.exec(head.toString('latin1')) ?? [];
  if (status === undefined) throw new ProxyError('PROXY_MALFORMED', 'The reply of the proxy is not one of HTTP.');
  return Number(status);
}

/** Reads up to the end of a head and gives the rest back to the socket. What cannot become a head is not waited for. */
function readHead(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let read = Buffer.alloc(0);
    const settle = (end: () => void): void => {
      socket.off('readable', onReadable).off('end', onClosed).off('close', onClosed);
      end();
    };
    const fail = (error: ProxyError): void => settle(() => reject(error));
    const onClosed = (): void => fail(new ProxyError('PROXY_CLOSED', 'The proxy closed the connection before it had answered.'));
    const onReadable = (): void => {
      for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
        read = Buffer.concat([read, chunk]);
        const end = read.indexOf(headEnd);
        if (end >= 0 && end <= maxHeadBytes) {
          const rest = read.subarray(end + headEnd.length);
          if (rest.length > 0) socket.unshift(rest);
          settle(() => resolve(read.subarray(0, end)));
          return;
        }
        const length = Math.min(read.length, headStart.length);
        if (read.compare(headStart, 0, length, 0, length) !== 0)
          return fail(new ProxyError('PROXY_MALFORMED', 'The reply of the proxy is not one of HTTP.'));
        if (read.length > maxHeadBytes)
          return fail(new ProxyError('PROXY_MALFORMED', "The head of the proxy's reply is too long."));
      }
    };
    socket.on('readable', onReadable).on('end', onClosed).on('close', onClosed);
  });
}
