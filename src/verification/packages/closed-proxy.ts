import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/** What a piece of work gave, and which other hosts it asked for in vain. */
export interface Enclosed<T> {
  readonly result: T;
  readonly refused: readonly string[];
}

/**
 * Gives the work an environment for programs that keep to the usual settings of proxies: they reach the host of this address
 * alone. Every other host is behind a proxy that lets nothing through.
 */
export async function enclosed<T>(
  baseURL: string,
  work: (env: Readonly<Record<string, string>>) => Promise<T>,
): Promise<Enclosed<T>> {
  const refused = new Set<string>();
  const tunnels = new Set<Duplex>();
  const proxy = createServer((request, response) => {
    const { url = '' } = request;
    if (URL.canParse(url)) refused.add(new URL(url).host);
    response.writeHead(403, { connection: 'close' }).end();
  });
  proxy.on('connect', (request, socket) => {
    refused.add((request.url ?? '').replace(/:443$/, ''));
    // Who asks may be gone already.
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    tunnels.add(socket);
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const { hostname } = new URL(baseURL);
  const settings = { http_proxy: address, https_proxy: address, all_proxy: address, no_proxy: hostname };
  const env = Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) => [
      [name, value],
      [name.toUpperCase(), value],
    ]),
  );
  try {
    return { result: await work(env), refused: [...refused].sort() };
  } finally {
    for (const socket of tunnels) socket.destroy();
    proxy.closeAllConnections();
    proxy.close();
  }
}
