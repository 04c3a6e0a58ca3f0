import http from 'node:http';
import net, { type AddressInfo } from 'node:net';

/** A proxy of the test's own, which writes down what it was asked for. */
export interface TestProxy {
  readonly protocol: 'http' | 'socks5';
  readonly host: string;
  readonly port: number;
  /** Where tunnels were asked to, in order: `127.0.0.1:443`. For SOCKS a name would stand there as a name. */
  readonly asked: string[];
  /** Connections that stand. */
  readonly open: () => number;
  /** Connections that were taken so far. */
  readonly taken: () => number;
  /** Breaks all of them. */
  cut(): void;
  close(): void;
}

export interface TestProxyOptions {
  /** Wanted of whoever asks. */
  readonly login?: { readonly username: string; readonly password: string };
  /** Where a tunnel really leads, by what was asked: a stand-in for hosts that no test may call. */
  readonly leadsTo?: (asked: string) => number;
}

/** A proxy that opens tunnels by HTTP's CONNECT and does nothing else. */
export async function connectProxy({ login, leadsTo }: TestProxyOptions = {}): Promise<TestProxy> {
  const asked: string[] = [];
  const server = http.createServer((_request, response) => response.writeHead(405).end());
  server.on('connect', (request, socket, head) => {
    const given = request.headers['proxy-authorization'];
    const wanted = login && `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
    if (wanted !== undefined && given !== wanted) return void socket.end('HTTP/1.1 407 Who are you\r\n\r\n');
    const place = request.url ?? '';
    asked.push(place === request.headers.host ? place : `${place} as ${request.headers.host}`);
    const [, host = '', port] = /^\[?(.+?)\]?:(\d+)$/.exec(place) ?? [];
    const upstream = net.connect(leadsTo?.(place) ?? Number(port), leadsTo === undefined ? host : '127.0.0.1');
    carry(socket as net.Socket, upstream);
    upstream.once('connect', () => {
      socket.write('HTTP/1.1 200 Here you are\r\nvia: test\r\n\r\n');
      upstream.write(head);
      socket.pipe(upstream).pipe(socket);
    });
    upstream.once('error', () => socket.end('HTTP/1.1 502 Not reached\r\n\r\n'));
  });
  return serving('http', server, asked);
}

/** A proxy that speaks SOCKS5, with or without a login, and only its command CONNECT. */
export async function socksProxy({ login, leadsTo }: TestProxyOptions = {}): Promise<TestProxy> {
  const asked: string[] = [];
  const server = net.createServer((socket) => {
    const read = reader(socket);
    const greet = async (): Promise<boolean> => {
      const [, count = 0] = await read(2);
      const methods = [...(await read(count))];
      const method = login === undefined ? 0 : 2;
      socket.write(Buffer.from([5, methods.includes(method) ? method : 255]));
      if (!methods.includes(method)) return false;
      if (login === undefined) return true;
      const word = async () => (await read((await read(1))[0] ?? 0)).toString();
      await read(1);
      const isRight = (await word()) === login.username && (await word()) === login.password;
      socket.write(Buffer.from([1, isRight ? 0 : 1]));
      return isRight;
    };
    const serve = async (): Promise<void> => {
      if (!(await greet())) return void socket.end();
      const [, , , kind = 0] = await read(4);
      const host = hostOf(kind, await read(kind === 1 ? 4 : kind === 4 ? 16 : ((await read(1))[0] ?? 0)));
      const port = (await read(2)).readUInt16BE();
      const place = kind === 4 ? `[${host}]:${port}` : `${host}:${port}`;
      asked.push(place);
      const answer = (code: number) => socket.write(Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]));
      const upstream = net.connect(leadsTo?.(place) ?? port, leadsTo === undefined ? host : '127.0.0.1');
      carry(socket, upstream);
      upstream.once('connect', () => {
        answer(0);
        socket.pipe(upstream).pipe(socket);
      });
      upstream.once('error', () => {
        answer(5);
        socket.end();
      });
    };
    serve().catch(() => socket.destroy());
  });
  return serving('socks5', server, asked);
}

/** What takes connections and answers as the test says, in the place of a proxy. */
export async function brokenProxy(
  protocol: TestProxy['protocol'],
  onConnection: (socket: net.Socket) => void,
): Promise<TestProxy> {
  const server = net.createServer((socket) => {
    onConnection(socket);
    // Unread, it would not notice that the other side is gone.
    socket.resume();
  });
  return serving(protocol, server, []);
}

async function serving(protocol: TestProxy['protocol'], server: net.Server, asked: string[]): Promise<TestProxy> {
  const sockets = new Set<net.Socket>();
  let taken = 0;
  server.prependListener('connection', (socket: net.Socket) => {
    taken += 1;
    sockets.add(socket.on('error', () => undefined));
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const cut = () => sockets.forEach((socket) => socket.destroy());
  return {
    protocol,
    host: '127.0.0.1',
    port,
    asked,
    open: () => sockets.size,
    taken: () => taken,
    cut,
    close: () => {
      cut();
      server.close();
    },
  };
}

/** Each dies with the other. */
function carry(socket: net.Socket, upstream: net.Socket): void {
  upstream.on('error', () => undefined).once('close', () => socket.destroySoon());
  socket.once('end', () => upstream.destroy()).once('close', () => upstream.destroy());
}

function hostOf(kind: number, bytes: Buffer): string {
  if (kind === 1) return bytes.join('.');
  if (kind !== 4) return bytes.toString();
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

/** Gives so many bytes when they are there, and leaves the rest to whoever reads next. */
function reader(socket: net.Socket): (length: number) => Promise<Buffer> {
  return (length) =>
    new Promise((resolve, reject) => {
      const take = (): void => {
        const bytes = length === 0 ? Buffer.alloc(0) : (socket.read(length) as Buffer | null);
        if (bytes === null) return;
        socket.off('readable', take);
        resolve(bytes);
      };
      socket.on('readable', take).once('close', () => reject(new Error('closed')));
      take();
    });
}
