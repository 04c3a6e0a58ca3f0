import type { Socket } from 'node:net';
import { Client, type buildConnector, type Dispatcher } from 'undici';

/** The one connection of a client, which serves one call after another. */
export interface Connection {
  /** The latest call. */
  watcher: SocketWatcher | undefined;
  /** Undefined until it stands, and once it is closed. */
  socket: Socket | undefined;
}

/** A call that wants to know its connection, and when the provider has closed its half of it. */
export interface SocketWatcher {
  onConnection(connection: Connection): void;
  onSocketEnd(): void;
}

/** What a pool hands to its clients: undici's options and the call that they belong to. */
export interface CallOptions extends Dispatcher.DispatchOptions {
  readonly watcher: SocketWatcher;
}

/**
 * undici's connection with one repair. In undici 7 a provider that closes or resets the connection while its reply is
 * paused trips an assertion inside an event of the socket, which would end the process (undici issue 5360, mended
 * only in undici 8, which needs Node 22). And a reset after `connection: close` would count as the end of the reply.
 * `pipelining: 1` makes the latest call the only one, so the socket's events can be given to it first.
 */
export class OneCallClient extends Client {
  private readonly current: Connection;

  constructor(origin: URL, options: Client.Options, connect: buildConnector.connector) {
    const current: Connection = { watcher: undefined, socket: undefined };
    super(origin, { ...options, pipelining: 1, connect: guarded(connect, current) });
    this.current = current;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const { watcher } = options as CallOptions;
    this.current.watcher = watcher;
    watcher.onConnection(this.current);
    return super.dispatch(options, handler);
  }
}

function guarded(connect: buildConnector.connector, current: Connection): buildConnector.connector {
  return (options, callback) => {
    connect(options, (...[error, socket]) => {
      if (error !== null) return callback(error, null);
      if (socket.readableLength > 0) {
        // undici would close it and connect anew, for ever: the call was not yet written.
        socket.on('error', () => undefined).destroy();
        return callback(Object.assign(new Error('The host spoke before it was asked.'), { code: 'HOST_SPOKE_FIRST' }), null);
      }
      guard(socket, current);
      callback(null, socket);
    });
  };
}

/** Runs before undici adds its own listeners, so these are heard first. */
function guard(socket: Socket, current: Connection): void {
  current.socket = socket;
  socket.on('close', () => {
    if (current.socket === socket) current.socket = undefined;
  });
  socket.on('end', () => current.watcher?.onSocketEnd());
  socket.on('error', (error: NodeJS.ErrnoException) => {
    // undici takes ECONNRESET for a possible end of the reply. Its own code for a dead socket always fails the call,
    // and gives a call that was not yet written a new connection.
    if (error.code === 'ECONNRESET') error.code = 'UND_ERR_SOCKET';
  });
}
