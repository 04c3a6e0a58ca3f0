import { ServerResponse, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';

/** What came behind the head of a request that wants to become a WebSocket. */
const heads = new WeakMap<IncomingMessage, Buffer>();

/** Headers that speak of an upgrade and of nothing else. */
const upgradeHeaders = new Set(['upgrade', 'http2-settings']);

/**
 * The first bytes behind the head of a request that asks for a WebSocket; undefined for every other request. Such a request
 * passes all hooks and the guard like an ordinary one; its handler, or an error, answers it.
 */
export function upgradeHead(request: IncomingMessage): Buffer | undefined {
  return request.headers.upgrade === undefined ? undefined : heads.get(request);
}

/**
 * Takes over what asks for another protocol. A GET that wants a WebSocket goes through the hooks and routes of all
 * requests, on a connection that ends with its answer. Whoever offers something else (Java's clients offer HTTP/2 with
 * every request) is answered as if it had not.
 */
export function installUpgrades(server: Server): void {
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', broken);
    const { _httpMessage: open } = socket as Socket & { readonly _httpMessage?: ServerResponse | null };
    // Behind a request that is still being answered no other protocol can begin.
    if (open != null) socket.destroy();
    else if (request.method === 'GET' && wantsWebSocket(request)) answerAsRequest(server, request, socket, head);
    else beginAgain(server, request, socket, head);
  });
}

/** What Node does on an error, where it has let go of the connection. */
function broken(this: Socket): void {
  this.destroy();
}

function wantsWebSocket({ headers }: IncomingMessage): boolean {
  return (headers.upgrade ?? '').split(',').some((name) => name.trim().toLowerCase() === 'websocket');
}

function answerAsRequest(server: Server, request: IncomingMessage, socket: Socket, head: Buffer): void {
  heads.set(request, head);
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => socket.destroySoon());
  server.emit('request', request, response);
}

/** Gives the connection back to the server with the same request, but for the offer. */
function beginAgain(server: Server, request: IncomingMessage, socket: Socket, head: Buffer): void {
  const { rawHeaders, method = 'GET', url = '/', httpVersion } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = [rawHeaders[at], rawHeaders[at + 1]];
    if (upgradeHeaders.has(name.toLowerCase())) continue;
    const kept = name.toLowerCase() === 'connection' ? withoutUpgrade(value) : value;
    if (kept !== '' || value === '') lines.push(`${name}: ${kept}`);
  }
  // Node takes it back with listeners of its own, each time.
  socket.off('error', broken);
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}

function withoutUpgrade(connection: string): string {
  return connection
    .split(',')
    .map((name) => name.trim())
    .filter((name) => !upgradeHeaders.has(name.toLowerCase()))
    .join(', ');
}
