import net, { type AddressInfo } from 'node:net';

/** Stands between a process and its database, and can take the database away in two ways. */
export class TcpProxy {
  private state: 'open' | 'cut' | 'frozen' = 'open';
  private delayMs = 0;
  private readonly sockets = new Set<net.Socket>();
  /** Connections that were taken so far. */
  accepted = 0;

  private constructor(
    private readonly server: net.Server,
    private readonly target: URL,
  ) {}

  /** A proxy before the server of this address. */
  static async before(databaseUrl: string): Promise<TcpProxy> {
    const server = net.createServer({ allowHalfOpen: false });
    const proxy = new TcpProxy(server, new URL(databaseUrl));
    server.on('connection', (socket) => proxy.accept(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** The database's address through this proxy. */
  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as AddressInfo).port);
    return url.toString();
  }

  /** Breaks every connection and refuses new ones, like a server that went down. */
  cut(): void {
    this.state = 'cut';
    this.breakAll();
  }

  /** From now on each byte takes so long, in either direction, like over a line around the world; 0: none. */
  delay(ms: number): void {
    this.delayMs = ms;
    this.breakAll();
  }

  /** Lets every connection stand, new ones too, and carries no byte any more, like a cable that was pulled. */
  freeze(): void {
    this.state = 'frozen';
    for (const socket of this.sockets) socket.pause();
  }

  /** Carries again. Connections that were frozen are broken: nobody knows what they have missed. */
  restore(): void {
    this.state = 'open';
    this.breakAll();
  }

  close(): Promise<void> {
    this.breakAll();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private accept(socket: net.Socket): void {
    this.accepted += 1;
    this.keep(socket);
    if (this.state === 'cut') return void socket.destroy();
    if (this.state === 'frozen') return void socket.pause();
    const upstream = net.connect({ host: this.target.hostname, port: Number(this.target.port) });
    this.keep(upstream);
    if (this.delayMs === 0) socket.pipe(upstream).pipe(socket);
    else {
      carryLate(socket, upstream, this.delayMs);
      carryLate(upstream, socket, this.delayMs);
    }
    socket.once('close', () => upstream.destroy());
    upstream.once('close', () => socket.destroy());
  }

  private keep(socket: net.Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.sockets.delete(socket));
  }

  private breakAll(): void {
    for (const socket of this.sockets) socket.destroy();
  }
}

function carryLate(from: net.Socket, to: net.Socket, ms: number): void {
  from.on('data', (bytes) => setTimeout(() => to.write(bytes), ms));
}
